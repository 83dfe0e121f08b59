"""`soprano checkpoint`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.checkpoint.files import DEFAULT_CHECKPOINT
from launch import checkpoint as checkpoints
from launch import console

app = typer.Typer(no_args_is_help=True, help="Fetch, make and check model weights.")


class Size(StrEnum):
    """Sizes of synthetic weights."""

    FULL = "full"
    SMALL = "small"
    TINY = "tiny"


@app.command()
def fetch(
    repository: Annotated[
        str, typer.Argument(metavar="[ID]", help="A repository of the hub, optionally with @REVISION.")
    ] = DEFAULT_CHECKPOINT,
) -> None:
    """Download the published weights and print their directory."""
    console.show_log("engine")
    typer.echo(checkpoints.fetch(repository))


@app.command()
def synthetic(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="A new directory.")] = Path("synthetic"),
    size: Annotated[
        Size, typer.Option(help="full: as the real model; small: upstream's code loads it too; tiny: for tests.")
    ] = Size.FULL,
) -> None:
    """Write random weights, which make noise instead of speech, to try the server without the real ones."""
    checkpoints.write_synthetic(directory, size.value)
    typer.echo(directory)


@app.command()
def verify(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A checkpoint's directory, or builtin.")],
) -> None:
    """Read a whole checkpoint and print what it is, or what is wrong with it."""
    typer.echo(checkpoints.describe(directory))
