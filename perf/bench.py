"""Load tests of the whole path, with the alternatives beside it.

    .venv/bin/python -m perf.bench --help

Leaves JSON, CSV and plots in `perf/results/<date>-<machine>/`, and a report of them in `perf/RESULTS.md`.
"""

import os
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from engine.checkpoint.files import SYNTHETIC, mark
from engine.errors import EngineError
from engine.settings import PREFIX, EngineSettings
from perf.load.campaign import Campaign
from perf.load.command import (
    CheckpointOption,
    QuickOption,
    directory_of,
    end_in_order_on_sigterm,
    fail,
    say,
    warn_of_others,
    weights,
)
from perf.load.mix import Mix
from perf.load.options import QUICK, LoadOptions, Part
from perf.load.perf_analyzer import PerfAnalyzer
from perf.load.perf_analyzer_errors import PerfAnalyzerError
from perf.load.perf_analyzer_installation import Installation, find_installation
from perf.load.report import save_report
from perf.load.results import LoadResults
from perf.load.stored import save_load
from perf.machine import examine
from perf.results import Facts
from perf.worker import WorkerFailed

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: CheckpointOption = None,
    part: Annotated[list[Part] | None, typer.Option(help="Run only this one; may be given more than once.")] = None,
    quick: QuickOption = False,
    results: Annotated[Path | None, typer.Option(help="Directory.  [default: perf/results/DATE-MACHINE]")] = None,
) -> None:
    """Put load on Triton and on OpenAI's endpoint, and compare them with upstream's server and a plain Triton port.

    Nothing else should run on the machine meanwhile. The default takes about thirty-five minutes on two cores. SOPRANO_
    variables change the engine, as ever.
    """
    end_in_order_on_sigterm()
    options = QUICK if quick else LoadOptions()
    if part:
        options = replace(options, parts=tuple(part))
    try:
        settings = EngineSettings.from_environment()
        facts = examine(settings.device, settings.dtype)
        installation = find_installation()
        directory = results or directory_of(facts, quick=quick)
        with weights(checkpoint, quick=quick) as path:
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
    results = LoadResults(
        facts=facts,
        tools=_tools(installation),
        checkpoint=path.name,
        synthetic=mark(path) == SYNTHETIC,
        mix=Mix.read().shares(),
        settings={name: value for name, value in os.environ.items() if name.startswith(PREFIX)},
        longest=options.longest,
    )
    Campaign(options, path, PerfAnalyzer(installation), results, partial(save_load, directory), say).run()
    return results


def _tools(installation: Installation) -> dict[str, str]:
    tritonserver = {"tritonserver": f"nvidia-pytriton {version('nvidia-pytriton')}"}
    return tritonserver | {"perf_analyzer": installation.version(), "locust": version("locust")}


if __name__ == "__main__":
    app()
