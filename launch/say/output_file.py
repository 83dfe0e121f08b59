"""Output to a file that appears only when it is complete, or to a pipe without buffering."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launch.errors import CannotWrite, InvalidSetting

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class OutputFile:
    """An open `file`, and its `name` in messages."""

    name: str
    file: IO[bytes]
    live: bool
    """Whether it is read while it is written: then it has no buffer, and its bytes cannot be changed afterwards."""

    def write(self, data: bytes) -> None:
        """Append `data`. Raises `CannotWrite`, or `BrokenPipeError` if the reader has closed the pipe."""
        with refusals(self.name):
            rest = memoryview(data)
            while rest:
                rest = rest[self.file.write(rest) :]


def is_stream(path: Path) -> bool:
    """Whether `path` is read while it is written: standard output, a pipe or a device."""
    return path == STANDARD_OUTPUT or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def open_output(path: Path) -> Iterator[OutputFile]:
    """Open `path`; "-" is standard output.

    A file is created or replaced only if the block succeeds; pipes and devices are written to directly. Raises
    `CannotWrite`, and `InvalidSetting` for a terminal.
    """
    is_standard = path == STANDARD_OUTPUT
    name = "standard output" if is_standard else str(path)
    with refusals(name):
        if is_stream(path):
            # Without a buffer: its rest would be written when the command ends, to a reader that may be gone.
            with open(sys.stdout.fileno() if is_standard else path, "wb", buffering=0, closefd=not is_standard) as pipe:
                _refuse_terminal(pipe, name)
                yield OutputFile(name, pipe, live=True)
        else:
            # If the path is a link, the file that it points to is replaced, not the link.
            with _draft(path.resolve()) as file:
                yield OutputFile(name, file, live=False)


def _refuse_terminal(file: IO[bytes] | io.FileIO, name: str) -> None:
    if file.isatty():
        raise InvalidSetting(f"{name} is a terminal: set --output to a file, or pipe the audio into a player")


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path`, which is renamed to `path` only if the block succeeds."""
    if path.is_dir():
        raise IsADirectoryError(0, "it is a directory")
    draft = path.with_name(f"{path.name}.partial")
    try:
        with draft.open("w+b") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def refusals(name: str) -> Iterator[None]:
    """Raise `CannotWrite` for what the system refuses; a reader that has gone stays `BrokenPipeError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotWrite(f"cannot write {name} ({error.strerror}): choose another file") from error
