"""Messages to the user, on standard error."""

import logging
from contextlib import suppress

import typer


def say(message: str) -> None:
    """Report progress."""
    _write(f"soprano: {message}")


def warn(message: str) -> None:
    """Report something that the user should know but that needs no reaction."""
    _write(typer.style(f"soprano: warning: {message}", fg=typer.colors.YELLOW))


def fail(message: str) -> None:
    """Report why the command fails."""
    _write(typer.style(f"soprano: {message}", fg=typer.colors.RED))


def show(line: str) -> None:
    """Show a line that another program wrote."""
    _write(line)


def show_log(name: str) -> None:
    """From now on, show log records of the logger `name`, such as the engine's about a download."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.addHandler(_Messages())


class _Messages(logging.Handler):
    """Turns log records into messages."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = warn if record.levelno >= logging.WARNING else say
        tell(record.getMessage())


def _write(text: str) -> None:
    # If the terminal was closed, the command must still go on and stop the servers.
    with suppress(OSError):
        typer.echo(text, err=True)
