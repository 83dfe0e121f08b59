"""The command `soprano`.

An expected error is one sentence on standard error and exit status 1; wrong usage is exit status 2.
"""

import sys

import typer

from launch import console
from launch.commands import checkpoint
from launch.commands.check import check
from launch.commands.doctor import doctor
from launch.commands.say import say
from launch.commands.serve import serve
from launch.commands.settings import settings
from launch.commands.text import text
from launch.commands.triton import triton
from launch.errors import LaunchError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Soprano text-to-speech on NVIDIA Triton, behind OpenAI's speech API.",
)
app.command()(serve)
app.command()(say)
app.command()(text)
app.add_typer(checkpoint.app, name="checkpoint")
app.command()(doctor)
app.command()(triton)
app.command()(check)
app.command()(settings)


def main() -> None:
    """Run the command line and exit."""
    try:
        app()
    except LaunchError as error:
        console.fail(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
