"""What a load generator notes while it runs, to be looked into afterwards.

A recording is one file that only grows: for everything that happened a head of 17 bytes (what, of which request, when,
and how many bytes follow) and those bytes. So the generator keeps nothing in memory, and one that is killed leaves
everything up to its last moment.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_HEAD = struct.Struct("<BIdI")
_MAGIC = b"speech recording 1\n"


class Event(IntEnum):
    """What happened to a request."""

    SENT = 1
    ANSWERED = 2  # data: three lines, the status, the media type, and after how many seconds to come back
    PIECE = 3  # data: a part of the body
    ENDED = 4  # data: why it broke off; nothing if it came to its end


@dataclass(frozen=True)
class Record:
    """One thing that happened; `time` in seconds on the generator's clock, `time.perf_counter`."""

    event: Event
    request: int
    time: float
    data: bytes = b""


class Recorder:
    """Writes a recording, over whatever was in the file; a context manager."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._write(_MAGIC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def write(self, record: Record) -> None:
        """Write one record, whole and at once, so that nothing is lost with this process."""
        self._write(_HEAD.pack(record.event, record.request, record.time, len(record.data)) + record.data)

    def close(self) -> None:
        """Close the file. Safe to call more than once."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()


def read(path: Path) -> Iterator[Record]:
    """Yield the records in the order in which they were written, but for one that was cut by the generator's death.

    Raises `ValueError` for a file that is no recording.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError(f"{path} is no recording: name a file that locust wrote with --record")
        while record := _next(file):
            yield record


def _next(file: IO[bytes]) -> Record | None:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    event, request, time, size = _HEAD.unpack(head)
    data = file.read(size)
    return Record(Event(event), request, time, data) if len(data) == size else None
