"""The parts that all measuring commands share: progress, errors, an orderly end, and the weights."""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from engine.checkpoint.locate import resolve
from engine.checkpoint.synthetic import Size, write_synthetic
from measuring.worker import SeparateProcess

CheckpointOption = Annotated[
    str | None,
    typer.Option("--checkpoint", help="A directory, a hub id or `builtin`; without it, a synthetic one is made."),
]


def end_in_order_on_sigterm() -> None:
    """Let SIGTERM end this program as Ctrl-C does, so that everything it has started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def say(message: str) -> None:
    """Print progress to standard error."""
    typer.echo(message, err=True)


def fail(message: str) -> NoReturn:
    """Print an error in red and end with status 1."""
    typer.echo(typer.style(message, fg=typer.colors.RED), err=True)
    raise typer.Exit(1)


@contextmanager
def weights(checkpoint: str | None, size: Size = "full") -> Iterator[Path]:
    """Yield the directory of `checkpoint`, or of a synthetic one of this size, which is removed at the end.

    Another process makes it, so that its memory is not measured. Raises `CheckpointError` and `WorkerFailed`.
    """
    if checkpoint is not None:
        yield resolve(checkpoint).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="soprano-bench-") as directory:
        path = Path(directory) / f"synthetic-{size}"
        say(f"making a {size} synthetic checkpoint: random weights, which make noise")
        with SeparateProcess("checkpoint") as process:
            process.run(write_synthetic, path, size)
        yield path
