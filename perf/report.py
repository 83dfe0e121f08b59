"""A run's results as files."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from perf.plots import save_plots
from perf.results import Results
from perf.verdicts import Verdict


def save_report(results: Results, verdicts: list[Verdict], directory: Path, stem: str) -> list[Path]:
    """Write `<stem>.json` and the plots to `directory`, which is made if need be; return the files.

    The chunks of the burst are in the plot only.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"{stem}.json"
    content: dict[str, Any] = asdict(results) | {"verdicts": [asdict(verdict) for verdict in verdicts]}
    if results.burst:
        del content["burst"]["repeats"]
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return [file, *save_plots(results, directory, stem)]
