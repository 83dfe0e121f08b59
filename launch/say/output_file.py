"""A place to write to: a file that appears when it is complete, or a pipe whose reader gets everything at once."""

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launch.errors import CannotWrite, InvalidSetting

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class OutputFile:
    """An open `file`, and the `name` that the user knows it by."""

    name: str
    file: IO[bytes]
    live: bool
    """Somebody may read along: nothing waits in a buffer, and nothing can be changed afterwards."""

    def write(self, data: bytes) -> None:
        """Append `data`. Raises `CannotWrite`, or `BrokenPipeError` if nobody reads any more."""
        with _refusals(self.name):
            rest = memoryview(data)
            while rest:
                rest = rest[self.file.write(rest) :]


def is_stream(path: Path) -> bool:
    """Whether `path` is read while it is written: standard output, a pipe or a device."""
    return path == STANDARD_OUTPUT or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def open_output(path: Path) -> Iterator[OutputFile]:
    """Open `path`; "-" is standard output.

    A file becomes `path` only if the block succeeds; pipes and devices are written to as they are. Raises
    `CannotWrite`, and `InvalidSetting` for a terminal.
    """
    is_standard = path == STANDARD_OUTPUT
    name = "standard output" if is_standard else str(path)
    with _refusals(name):
        if is_stream(path):
            # Without a buffer, in which the last words would wait for a reader that is gone when the command ends.
            with open(sys.stdout.fileno() if is_standard else path, "wb", buffering=0, closefd=not is_standard) as pipe:
                _refuse_terminal(pipe, name)
                yield OutputFile(name, pipe, live=True)
        else:
            # A link to a file stays one: it is the file that is replaced.
            with _draft(path.resolve()) as file:
                yield OutputFile(name, file, live=False)


def _refuse_terminal(file: IO[bytes] | io.FileIO, name: str) -> None:
    if file.isatty():
        raise InvalidSetting(f"{name} is a terminal: set --output to a file, or pipe the audio into a player")


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path`, which it becomes only if the block succeeds."""
    if path.is_dir():
        raise IsADirectoryError(0, "it is a directory")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        draft.chmod(0o666 & ~_umask())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotWrite(f"cannot write {name} ({error.strerror}): choose another file") from error


def _umask() -> int:
    """The mode bits that new files do not get; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
