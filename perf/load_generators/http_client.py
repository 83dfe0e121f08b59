"""Sends a request for speech, records what comes back as it comes, and puts an answer together from the records.

A recording is one file that only grows: for everything that happened a head of 17 bytes (what, of which request, when,
and how many bytes follow) and those bytes. So the load generator keeps nothing in memory, and one that is killed leaves
everything up to its last moment.
"""

import struct
import time
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from pathlib import Path
from typing import IO

import urllib3
from urllib3.exceptions import HTTPError

from measuring.stream import Stream
from perf.measurements import RequestResult, Status
from perf.playback import PlaybackMeter, Unplayable
from proxy.audio.formats import AUDIO_FORMATS, FormatName

PATH = "/v1/audio/speech"
MOST_CONNECTIONS = 1000
"""That are kept for the next request; more may be open at once."""
_TIMEOUT = urllib3.Timeout(connect=30.0, read=600.0)
_HEAD = struct.Struct("<BIdI")
_MAGIC = b"speech recording 1\n"
REFUSALS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""What a server says that has no room for a request just now."""


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
    """Writes a recording over what was in the file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._write(_MAGIC)

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


def connections() -> urllib3.PoolManager:
    """Return connections for `request_speech`, which stay open from one request to the next."""
    return urllib3.PoolManager(num_pools=1, maxsize=MOST_CONNECTIONS, timeout=_TIMEOUT, retries=False)


def request_speech(
    server: urllib3.PoolManager, url: str, number: int, body: Mapping[str, object], headers: Mapping[str, str]
) -> Iterator[Record]:
    """Send one request and yield what becomes of it; each piece of the body is what the server sent at once.

    Whatever goes wrong is told by the last record. Closing the generator closes the connection.
    """
    yield Record(Event.SENT, number, time.perf_counter())
    problem = ""
    try:
        # urllib3 itself: it gives the pieces as they come, at half the processor time that requests takes on top of
        # it, while Locust's FastHttpUser collects them into blocks of 4,000 bytes.
        response = server.request("POST", url + PATH, json=body, headers=headers, preload_content=False)
        headers_told = (response.headers.get(name, "") for name in ("content-type", "retry-after"))
        answer = "\n".join((str(response.status), *headers_told))
        yield Record(Event.ANSWERED, number, time.perf_counter(), answer.encode())
        for piece in response.stream(None):
            yield Record(Event.PIECE, number, time.perf_counter(), piece)
    except HTTPError as error:
        problem = f"{type(error).__name__}: {error}"
    yield Record(Event.ENDED, number, time.perf_counter(), problem.encode())


class Answer:
    """Takes the records of one request, of which the first says that it was sent.

    `asked` is the format that was asked for; an answer that is said to be in another one is heard as what it is. Only
    formats in `heard` are listened to, as that takes processor time; any other audio counts as spoken as it is.
    """

    def __init__(self, sent: Record, asked: FormatName, heard: Container[FormatName] = AUDIO_FORMATS) -> None:
        self.sent = self.last = sent.time
        self.first_piece: float | None = None
        self.bytes = 0
        self.http_status: int | None = None
        self.retry_after = 0.0
        """Seconds after which a server that refused wants to be asked again."""
        self.problem = "it has not come to an end"
        """Why it counts as failed; empty once it has come to its end and all went well."""
        self.stream: Stream | None = None
        """What its listener heard, once it has been spoken."""
        self._asked = asked
        self._heard = heard
        self._meter: PlaybackMeter | None = None

    def take(self, record: Record) -> None:
        """Take what happened next."""
        self.last = record.time
        if record.event is Event.ANSWERED:
            self._begin(record.data.decode())
        elif record.event is Event.PIECE:
            self.bytes += len(record.data)
            self.first_piece = self.first_piece or record.time
            self._hear(record)
        elif record.event is Event.ENDED:
            self._end(record.data.decode())

    @property
    def status(self) -> Status:
        """How it ended."""
        if self.http_status in REFUSALS:
            return Status.REFUSED
        return Status.FAILED if self.problem else Status.SPOKEN

    @property
    def result(self) -> RequestResult:
        """The request, summed up."""
        return RequestResult(self.sent, self.last, self.status, self.stream)

    def _begin(self, answer: str) -> None:
        status, content_type, retry_after = answer.split("\n")
        self.http_status = int(status)
        self.retry_after = float(retry_after or 0)
        audio_format = _format_of(content_type) or self._asked
        if self.http_status == HTTPStatus.OK and audio_format in self._heard:
            self._meter = PlaybackMeter(audio_format, self.sent)

    def _hear(self, record: Record) -> None:
        if self._meter:
            self._meter.take(record.time, record.data)

    def _end(self, broken_off: str) -> None:
        if broken_off or self.http_status != HTTPStatus.OK:
            self.problem = broken_off or f"the status was {self.http_status}"
            return
        try:
            self.stream = self._meter.finish() if self._meter else None
            self.problem = ""
        except Unplayable as error:
            self.problem = str(error)


def _format_of(content_type: str) -> FormatName | None:
    """Return the format with this media type, if there is one."""
    media_type = content_type.partition(";")[0].strip()
    return next((name for name, each in AUDIO_FORMATS.items() if media_type in each.content_types), None)
