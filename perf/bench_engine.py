"""Compares the engine with upstream's `SopranoTTS`, on one checkpoint, the same texts and in turn.

    .venv/bin/python -m perf.bench_engine --help

Prints tables of medians and ratios and which targets are met, and leaves JSON and plots in `perf/results/`.
"""

import signal
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from engine.errors import EngineError
from perf.benchmark import Benchmark
from perf.checkpoint import found_or_made
from perf.options import QUICK, Options, Scenario
from perf.other_load import OtherLoad
from perf.report import save_report
from perf.results import Results
from perf.tables import tables, verdict_table
from perf.verdicts import judge
from perf.worker import SeparateProcess, WorkerFailed

_RESULTS = Path(__file__).parent / "results"
_QUIET = 0.1  # cores that others may keep busy
_WIDTH = 110  # of the tables, where no terminal says otherwise
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Device(StrEnum):
    """Where to run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Dtype(StrEnum):
    """Precision of the engine; upstream chooses its own."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class CheckpointSize(StrEnum):
    """Sizes of synthetic checkpoints."""

    FULL = "full"
    SMALL = "small"


def _numbers(text: str) -> tuple[int, ...]:
    """Read "1,4,16"."""
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise typer.BadParameter(f"{text!r} is no list of numbers such as 1,4,16")
    return tuple(sorted(set(numbers)))


@app.command()
def main(
    checkpoint: Annotated[
        str | None,
        typer.Option(help="A directory, a hub id or `builtin`; without it, a synthetic one is made for the run."),
    ] = None,
    size: Annotated[CheckpointSize | None, typer.Option(help="Of the synthetic checkpoint.  [default: full]")] = None,
    device: Annotated[Device | None, typer.Option(help="[default: auto]")] = None,
    dtype: Annotated[Dtype | None, typer.Option(help="Of the engine.  [default: auto]")] = None,
    slots: Annotated[int | None, typer.Option(min=1, help="Sentences spoken at once.  [default: 64]")] = None,
    repeats: Annotated[int | None, typer.Option(min=1, help="Of each measurement.  [default: 3]")] = None,
    streams: Annotated[
        str | None, typer.Option(metavar="N,N,…", help="Requests at once.  [default: 1,4,16,32,64]")
    ] = None,
    upstream_batches: Annotated[
        str | None, typer.Option(metavar="N,N,…", help="For upstream's infer_batch.  [default: 4,16]")
    ] = None,
    scenario: Annotated[
        list[Scenario] | None, typer.Option(help="Run only this one; may be given more than once.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="All of it once and small, on a small checkpoint.")] = False,
    results: Annotated[Path | None, typer.Option(help="Directory for JSON and plots.  [default: perf/results]")] = None,
) -> None:
    """Compare the engine with upstream's SopranoTTS: throughput, first audio, bursts, long texts, steps and memory.

    Nothing else should run on the machine meanwhile. The default takes about eight minutes on two cores.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what is temporary is removed
    given: dict[str, Any] = {
        "device": device and device.value,
        "dtype": dtype and dtype.value,
        "slots": slots,
        "repeats": repeats,
        "streams": streams and _numbers(streams),
        "upstream_batches": upstream_batches and _numbers(upstream_batches),
        "scenarios": scenario and tuple(scenario),
    }
    options = replace(QUICK if quick else Options(), **{name: value for name, value in given.items() if value})
    meanwhile = OtherLoad()
    chosen_size = size or (CheckpointSize.SMALL if quick else CheckpointSize.FULL)
    directory = results or (_RESULTS / "quick" if quick else _RESULTS)
    try:
        with SeparateProcess("machine") as apart, found_or_made(checkpoint, apart, chosen_size.value, _say) as path:
            measured = Benchmark(options, path, apart, _say).run()
    except (EngineError, WorkerFailed) as error:
        _fail(str(error))
    measured.other_load = meanwhile.cores()
    if quick:
        _say("quick: this shows that everything runs; the figures mean nothing")
    if measured.other_load > _QUIET:
        _say(f"warning: other programs kept {measured.other_load:.1f} cores busy: do not trust the figures")
    _show(measured, directory, _stem(measured, options))
    if measured.failures:
        _fail(f"failed: {', '.join(measured.failures)}")


def _stem(results: Results, options: Options) -> str:
    """The files' common name. A run of some scenarios does not replace the files of a complete one."""
    part = () if options.scenarios == tuple(Scenario) else options.scenarios
    return "-".join(("engine", results.facts.device, *part))


def _show(results: Results, directory: Path, stem: str) -> None:
    verdicts = judge(results)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    for table in tables(results):
        console.print(table)
    console.print(verdict_table(verdicts))
    for file in save_report(results, verdicts, directory, stem):
        typer.echo(file)


def _say(message: str) -> None:
    typer.echo(message, err=True)


def _fail(message: str) -> NoReturn:
    typer.echo(typer.style(message, fg=typer.colors.RED), err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
