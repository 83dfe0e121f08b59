"""The report of load tests: plots and a page in Markdown, made from the stored JSON.

The page of a directory in `perf/results/` is `perf/RESULTS.md`; that of any other, and of `perf/results/quick`, whose
figures mean nothing, is `RESULTS.md` in it.
"""

import os
from pathlib import Path

from perf.report.results import LOAD_FILE, TUNING_FILE, read_load, read_tuning
from perf.report.server_page import render
from perf.report.server_plots import save_plots

_PERF = Path(__file__).resolve().parents[1]
_QUICK = "quick"
_PAGE = "RESULTS.md"


def make_report(directory: Path) -> list[Path]:
    """Make the report of the results that are stored in `directory`; return its files. Raises `UnreadableResults`."""
    results, tuning = read_load(directory), read_tuning(directory)
    files = [
        directory / LOAD_FILE,
        *([directory / TUNING_FILE] if tuning else []),
        *save_plots(directory, results, tuning),
    ]
    page = page_of(directory)
    links = {file.name: Path(os.path.relpath(file, page.parent)).as_posix() for file in files}
    page.write_text(render(results, tuning, links), encoding="utf-8")
    return [*files, page]


def page_of(directory: Path) -> Path:
    """Return where its page is."""
    resolved = directory.resolve()
    of_the_project = resolved.parent == _PERF / "results" and resolved.name != _QUICK
    return (_PERF if of_the_project else directory) / _PAGE
