"""What the commands of the load tests have in common: options, where results are kept, what they say."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from perf.checkpoint import found_or_made
from perf.results import Facts
from perf.worker import SeparateProcess

RESULTS = Path(__file__).resolve().parent.parent / "results"
_QUIET = 0.1  # processors that others may keep busy

CheckpointOption = Annotated[
    str | None,
    typer.Option("--checkpoint", help="A directory, a hub id or `builtin`; without it, a synthetic one is made."),
]
QuickOption = Annotated[bool, typer.Option("--quick", help="All of it once and small, on a small checkpoint.")]


def end_in_order_on_sigterm() -> None:
    """Let SIGTERM end this program as Ctrl-C does, so that what it has started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@contextmanager
def weights(checkpoint: str | None, *, quick: bool) -> Iterator[Path]:
    """Yield the directory of the checkpoint to run on. Raises `CheckpointError` and `WorkerFailed`."""
    with (
        SeparateProcess("checkpoint") as apart,
        found_or_made(checkpoint, apart, "small" if quick else "full", say) as path,
    ):
        apart.close()
        yield path


def directory_of(facts: Facts, *, quick: bool) -> Path:
    """Return where the results of a day and a machine are kept; those of quick runs, which mean nothing, elsewhere."""
    return RESULTS / ("quick" if quick else f"{facts.date[:10]}-{_named(facts)}")


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
