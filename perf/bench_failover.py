"""Measures what listeners notice when one of two Tritons is killed, and when both are restarted.

    .venv/bin/python -m perf.bench_failover --help

Prints a table and leaves JSON in `perf/results/`.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import EngineError
from engine.settings import EngineSettings
from perf.failover import Phase, kill_one, restart_both
from perf.load.campaign import FAILURES
from perf.load.command import RESULTS, CheckpointOption, end_in_order_on_sigterm, fail, say, weights
from perf.machine import examine

_SCENARIOS = {"one of two is killed": kill_one, "both are restarted": restart_both}
_FILE = "failover.json"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: CheckpointOption = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second.")] = 1.0,
    seconds: Annotated[float, typer.Option(min=40.0, help="Of load, in each of the two runs.")] = 120.0,
    results: Annotated[Path, typer.Option(help="Directory for the JSON.")] = RESULTS,
) -> None:
    """Put load on two Tritons behind one proxy, and say what became of the requests before, meanwhile and after."""
    end_in_order_on_sigterm()
    try:
        with weights(checkpoint, quick=False) as path:
            measured = {}
            for name, scenario in _SCENARIOS.items():
                say(name)
                measured[name] = scenario(path, rate, seconds)
    except (EngineError, *FAILURES) as error:
        fail(str(error))
    typer.echo(table(measured))
    content = {
        "facts": asdict(examine(EngineSettings().device, EngineSettings().dtype)),
        "requests_per_second": rate,
        "scenarios": {name: [asdict(phase) for phase in phases] for name, phases in measured.items()},
    }
    results.mkdir(parents=True, exist_ok=True)
    file = results / _FILE
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    typer.echo(file)


def table(measured: dict[str, list[Phase]]) -> str:
    """Return the figures in Markdown."""
    lines = ["| | requests | spoken | refused | failed | first audio, s: p50, p99 |", "|---|---|---|---|---|---|"]
    for name, phases in measured.items():
        lines += [_line(f"{name}: {phase.name}", phase) for phase in phases]
    return "\n".join(lines)


def _line(name: str, phase: Phase) -> str:
    first = f"{phase.first_audio.p50:.2f}, {phase.first_audio.p99:.2f}" if phase.first_audio else ""
    requests = phase.spoken + phase.refused + phase.failed
    return f"| {name} | {requests} | {phase.spoken} | {phase.refused} | {phase.failed} | {first} |"


if __name__ == "__main__":
    app()
