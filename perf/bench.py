"""Load tests of the whole path, with the alternatives beside it.

    .venv/bin/python -m perf.bench --help

Leaves JSON, CSV and plots in `perf/results/<date>-<machine>/`, and a report of them in `perf/RESULTS.md`.
"""

import os
import re
import signal
import sys
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from engine.checkpoint_files import is_synthetic
from engine.errors import EngineError
from engine.settings import PREFIX, EngineSettings
from perf.checkpoint import found_or_made
from perf.load.campaign import Campaign
from perf.load.mix import Mix
from perf.load.options import QUICK, LoadOptions, Part
from perf.load.perf_analyzer import PerfAnalyzer
from perf.load.perf_analyzer_errors import PerfAnalyzerError
from perf.load.perf_analyzer_installation import Installation, find_installation
from perf.load.report import save_report
from perf.load.results import LoadResults
from perf.load.stored import save_load
from perf.machine import examine
from perf.other_load import OtherLoad
from perf.results import Facts
from perf.worker import SeparateProcess, WorkerFailed

RESULTS = Path(__file__).parent / "results"
_QUIET = 0.1  # processors that others may keep busy

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: Annotated[
        str | None, typer.Option(help="A directory or a hub id; without it, a synthetic one is made for the run.")
    ] = None,
    part: Annotated[list[Part] | None, typer.Option(help="Run only this one; may be given more than once.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="All of it once and small, on a tiny checkpoint.")] = False,
    results: Annotated[Path | None, typer.Option(help="Directory.  [default: perf/results/DATE-MACHINE]")] = None,
) -> None:
    """Put load on Triton and on OpenAI's endpoint, and compare them with upstream's server and a plain Triton port.

    Nothing else should run on the machine meanwhile. The default takes about thirty-five minutes on two cores. SOPRANO_
    variables change the engine, as ever.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what is started is stopped
    options = QUICK if quick else LoadOptions()
    if part:
        options = replace(options, parts=tuple(part))
    try:
        settings = EngineSettings.from_environment()
        facts = examine(settings.device, settings.dtype)
        installation = find_installation()
        with (
            SeparateProcess("checkpoint") as apart,
            found_or_made(checkpoint, apart, "tiny" if quick else "full", say) as path,
        ):
            apart.close()
            directory = results or (RESULTS / "quick" if quick else directory_of(facts))
            measured = _measure(options, path, installation, facts, directory)
    except (EngineError, PerfAnalyzerError, WorkerFailed) as error:
        fail(str(error))
    if quick:
        say("quick: this shows that everything runs; the figures mean nothing")
    warn_of_others(measured.other_load)
    for file in save_report(directory, measured):
        typer.echo(file)
    if measured.failures:
        fail(f"failed: {', '.join(measured.failures)}")


def _measure(
    options: LoadOptions, path: Path, installation: Installation, facts: Facts, directory: Path
) -> LoadResults:
    meanwhile = OtherLoad()
    results = LoadResults(
        facts=facts,
        tools=_tools(installation),
        checkpoint=path.name,
        synthetic=is_synthetic(path),
        mix=Mix.read().shares(),
        settings={name: value for name, value in os.environ.items() if name.startswith(PREFIX)},
        longest=options.longest,
    )
    Campaign(options, path, PerfAnalyzer(installation), {}, results, partial(save_load, directory), say).run()
    results.other_load = meanwhile.cores()
    return results


def _tools(installation: Installation) -> dict[str, str]:
    tritonserver = {"tritonserver": f"nvidia-pytriton {version('nvidia-pytriton')}"}
    return tritonserver | {"perf_analyzer": installation.version(), "locust": version("locust")}


def directory_of(facts: Facts) -> Path:
    """Return where the results of a day and a machine are kept."""
    return RESULTS / f"{facts.date[:10]}-{_named(facts)}"


def warn_of_others(cores: float) -> None:
    """Say so if other programs have kept the machine busy."""
    if cores > _QUIET:
        say(f"warning: other programs kept {cores:.1f} cores busy: do not trust the figures")


def say(message: str) -> None:
    """Tell how far it is."""
    typer.echo(message, err=True)


def fail(message: str) -> NoReturn:
    """Say what went wrong, and end."""
    typer.echo(typer.style(message, fg=typer.colors.RED), err=True)
    raise typer.Exit(1)


def _named(facts: Facts) -> str:
    """Return what a machine is, as a name for a directory: those of containers change with every run."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"\(.*?\)|CPU|Processor|@.*", " ", facts.gpu or facts.processor).lower())
    return "-".join([*words, *([] if facts.gpu else [f"{facts.cores}-cores"])])


if __name__ == "__main__":
    app()
