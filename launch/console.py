"""What the command line tells its user, on standard error."""

from contextlib import suppress

import typer


def say(message: str) -> None:
    """Report what is going on."""
    _write(f"soprano: {message}")


def warn(message: str) -> None:
    """Report what the user should know but need not act on."""
    _write(typer.style(f"soprano: warning: {message}", fg=typer.colors.YELLOW))


def fail(message: str) -> None:
    """Report why the command ends without success."""
    _write(typer.style(f"soprano: {message}", fg=typer.colors.RED))


def show(line: str) -> None:
    """Pass on a line that another program wrote."""
    _write(line)


def _write(text: str) -> None:
    # A terminal that was closed is no reason to leave servers running.
    with suppress(OSError):
        typer.echo(text, err=True)
