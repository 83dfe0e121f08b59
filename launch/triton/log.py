"""Triton's log: copied to a file, passed on line by line, and summarized when something went wrong."""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, cast

from launch.errors import CannotWrite

_RECORD = re.compile(r"(?P<level>[IWEF])\d{4} \S+\s+\d+ (?P<source>\S+)\] *(?P<message>.*)")
_TABLE = ("+-", "|")
_LOAD_FAILURE = re.compile(r"failed to load '(?P<model>\w+)' version \d+: (?:Internal|Invalid argument): (?P<cause>.*)")
_STUB_DIED = re.compile(r"Stub process '\w+' is not healthy\.")
# Lines that appear on every machine without a GPU, and lines that only repeat another one.
_NOISE = (
    "CudaDriverHelper has not been initialized",
    "Error: Failed to initialize NVML",
    "Failed to create instance",
    "creating server: Internal - failed to load all models",
    "Signal (",
)
_KEPT_LINES = 400
_SHOWN_LINES = 6


class TritonLog:
    """Copies a server's output to a file, keeps the last lines, and calls `on_line` with each line.

    `follow` starts the thread `triton-log`, which ends when the last process that holds the output has ended.
    """

    def __init__(self, path: Path, on_line: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._on_line = on_line
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._thread: threading.Thread | None = None
        self._mode = "wb"

    def follow(self, output: IO[bytes]) -> None:
        """Read the output of a process that has just been started. Raises `CannotWrite`.

        The first process overwrites the file; the output of later ones is appended.
        """
        try:
            file = self._open()
        except CannotWrite:
            output.close()
            raise
        self._lines.clear()
        # A daemon thread: the server ends when this process does, so this process must not wait for its last line.
        self._thread = threading.Thread(target=self._copy, args=(output, file), name="triton-log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for the last line; the processes must have ended."""
        if self._thread:
            self._thread.join()
            self._thread = None

    def problems(self) -> list[str]:
        """The few lines of the log that best explain what went wrong."""
        return summarize(self._lines)

    def _open(self) -> IO[bytes]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open(self._mode, buffering=0)
        except OSError as error:
            raise CannotWrite(
                f"cannot write Triton's log to {self.path} ({error.strerror}): choose another place"
            ) from error
        self._mode = "ab"
        return cast("IO[bytes]", file)

    def _copy(self, output: IO[bytes], file: IO[bytes]) -> None:
        with output, file:
            for raw in output:
                file.write(raw)
                line = raw.decode(errors="replace").rstrip()
                self._lines.append(line)
                if self._on_line:
                    self._on_line(line)


def error_text(line: str) -> str | None:
    """Return the error in a line without its prefix; None if the line does not matter to a user.

    Lines that are not in Triton's format come from a model's process: tracebacks and warnings, for example.
    """
    if not line.strip() or line.startswith(_TABLE) or any(noise in line for noise in _NOISE):
        return None
    record = _RECORD.match(line)
    if record is None:
        return line
    return _first_paragraph(record["message"]) if record["level"] in "EF" else None


def summarize(lines: Iterable[str]) -> list[str]:
    """Return the lines that explain a failure best: why models did not load, or else the last errors."""
    errors = list(dict.fromkeys(filter(None, map(error_text, lines))))
    failures = [failure for text in errors if (failure := _LOAD_FAILURE.match(text))]
    if not failures:
        return errors[-_SHOWN_LINES:]
    causes = [f"model {failure['model']}: {failure['cause']}" for failure in failures]
    if all(_STUB_DIED.match(failure["cause"]) for failure in failures):
        # Triton does not report why a stub died; the last lines before it do.
        others = [text for text in errors if not _LOAD_FAILURE.match(text)]
        return others[-_SHOWN_LINES:] + causes
    return causes


def _first_paragraph(message: str) -> str:
    """The message without quotes and without the Python stack, which follows an empty line."""
    return message.strip().strip('"').split(r"\n\n")[0].replace(r"\n", " ").replace(r"\"", '"')
