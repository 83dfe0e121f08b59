"""What the command line tells its user, on standard error."""

import logging
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


def show_log(name: str) -> None:
    """From now on, pass on what is logged under `name`, such as what the engine says of a download."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.addHandler(_Messages())


class _Messages(logging.Handler):
    """Turns the entries of a log into messages."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = warn if record.levelno >= logging.WARNING else say
        tell(record.getMessage())


def _write(text: str) -> None:
    # A terminal that was closed is no reason to leave servers running.
    with suppress(OSError):
        typer.echo(text, err=True)
