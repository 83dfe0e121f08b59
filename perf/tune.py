"""Sweeps over the settings that the defaults rest on.

    .venv/bin/python -m perf.tune --help

Leaves `tuning.json`, CSV and plots beside the load tests of the same day and machine, and brings their report up to
date.
"""

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import EngineError
from engine.settings import EngineSettings
from perf.bench import RESULTS, directory_of, fail, say, warn_of_others
from perf.checkpoint import found_or_made
from perf.load.campaign import FAILURES
from perf.load.perf_analyzer import PerfAnalyzer
from perf.load.perf_analyzer_installation import find_installation
from perf.load.report import make_report
from perf.load.results import TuningResults
from perf.load.stored import save_tuning
from perf.load.tuning import QUICK, Setting, Tuning, TuningOptions
from perf.machine import examine
from perf.other_load import OtherLoad
from perf.worker import SeparateProcess

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: Annotated[
        str | None, typer.Option(help="A directory or a hub id; without it, a synthetic one is made for the run.")
    ] = None,
    setting: Annotated[list[Setting] | None, typer.Option(help="Sweep only this one; may be repeated.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="All of it once and small, on a tiny checkpoint.")] = False,
    results: Annotated[Path | None, typer.Option(help="Directory of a run of perf.bench.  [default: today's]")] = None,
) -> None:
    """Run the same load with each setting at several values, in turn: what the defaults in the configuration rest on.

    Nothing else should run on the machine meanwhile. The default takes about fifteen minutes on two cores.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what is started is stopped
    options = QUICK if quick else TuningOptions()
    if setting:
        options = replace(options, settings=tuple(setting))
    meanwhile = OtherLoad()
    try:
        measured = TuningResults(examine(EngineSettings().device, EngineSettings().dtype))
        directory = results or (RESULTS / "quick" if quick else directory_of(measured.facts))
        with (
            SeparateProcess("checkpoint") as apart,
            found_or_made(checkpoint, apart, "tiny" if quick else "full", say) as path,
        ):
            apart.close()
            for sweep in Tuning(options, path, PerfAnalyzer(find_installation()), say).run():
                measured.sweeps.append(sweep)
                save_tuning(directory, measured)
    except (EngineError, *FAILURES) as error:
        fail(str(error))
    measured.other_load = meanwhile.cores()
    warn_of_others(measured.other_load)
    typer.echo(save_tuning(directory, measured))
    if (directory / "load.json").is_file():
        for file in make_report(directory):
            typer.echo(file)


if __name__ == "__main__":
    app()
