"""Sweeps over the settings that the defaults rest on.

    .venv/bin/python -m perf.tune --help

Leaves `tuning.json`, CSV and plots beside the load tests of the same day and machine, and brings their report up to
date.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import EngineError
from engine.settings import EngineSettings
from perf.load.campaign import FAILURES
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
from perf.load.perf_analyzer import PerfAnalyzer
from perf.load.perf_analyzer_installation import find_installation
from perf.load.report import make_report
from perf.load.results import TuningResults
from perf.load.stored import LOAD_FILE, save_tuning
from perf.load.tuning import QUICK, Setting, Tuning, TuningOptions
from perf.machine import examine
from perf.other_load import OtherLoad

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: CheckpointOption = None,
    setting: Annotated[list[Setting] | None, typer.Option(help="Sweep only this one; may be repeated.")] = None,
    quick: QuickOption = False,
    results: Annotated[Path | None, typer.Option(help="Directory of a run of perf.bench.  [default: today's]")] = None,
) -> None:
    """Run the same load with each setting at several values, in turn: what the defaults in the configuration rest on.

    Nothing else should run on the machine meanwhile. The default takes about fifteen minutes on two cores.
    """
    end_in_order_on_sigterm()
    options = QUICK if quick else TuningOptions()
    if setting:
        options = replace(options, settings=tuple(setting))
    meanwhile = OtherLoad()
    try:
        measured = TuningResults(examine(EngineSettings().device, EngineSettings().dtype))
        directory = results or directory_of(measured.facts, quick=quick)
        with weights(checkpoint, quick=quick) as path:
            for sweep in Tuning(options, path, PerfAnalyzer(find_installation()), say).run():
                measured.sweeps.append(sweep)
                measured.other_load = meanwhile.cores()
                save_tuning(directory, measured)
    except (EngineError, *FAILURES) as error:
        fail(str(error))
    warn_of_others(measured.other_load)
    typer.echo(save_tuning(directory, measured))
    if (directory / LOAD_FILE).is_file():
        for file in make_report(directory):
            typer.echo(file)


if __name__ == "__main__":
    app()
