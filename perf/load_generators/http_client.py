"""Sends requests for speech, records the responses as they arrive, and evaluates the records.

A recording is one file that is only appended to. Each record is a head of 17 bytes (event, request, time, number of
following bytes) and these bytes. So the load generator keeps nothing in memory, and if it is killed, the file still has
everything up to that moment.
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
"""Connections that are kept for the next requests; more may be open at once."""
_TIMEOUT = urllib3.Timeout(connect=30.0, read=600.0)
_HEAD = struct.Struct("<BIdI")
_MAGIC = b"speech recording 1\n"
REFUSALS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""The statuses of a server that has no capacity for a request now."""


class Event(IntEnum):
    """The kinds of events of a request."""

    SENT = 1
    ANSWERED = 2  # data: three lines: the status, the media type, and the seconds of Retry-After
    PIECE = 3  # data: a part of the body
    ENDED = 4  # data: the error; empty if the response is complete


@dataclass(frozen=True)
class Record:
    """An event of a request; `time` in seconds on the load generator's clock, `time.perf_counter`."""

    event: Event
    request: int
    time: float
    data: bytes = b""


class Recorder:
    """Writes a recording; an existing file is overwritten."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._write(_MAGIC)

    def write(self, record: Record) -> None:
        """Write one complete record at once, so that it is not lost if this process dies."""
        self._write(_HEAD.pack(record.event, record.request, record.time, len(record.data)) + record.data)

    def close(self) -> None:
        """Close the file. Safe to call more than once."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()


def read(path: Path) -> Iterator[Record]:
    """Yield the records in the order of writing, except a last one that is incomplete because the generator died.

    Raises `ValueError` if the file is not a recording.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError(f"{path} is not a recording: name a file that locust wrote with --record")
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
    """Return a pool of connections for `request_speech`, which stay open between requests."""
    return urllib3.PoolManager(num_pools=1, maxsize=MOST_CONNECTIONS, timeout=_TIMEOUT, retries=False)


def request_speech(
    server: urllib3.PoolManager, url: str, number: int, body: Mapping[str, object], headers: Mapping[str, str]
) -> Iterator[Record]:
    """Send one request and yield its records; each piece of the body is what the server sent at once.

    The last record contains the error if there was one. Closing the generator closes the connection.
    """
    yield Record(Event.SENT, number, time.perf_counter())
    problem = ""
    try:
        # urllib3 returns the pieces as they arrive. The package requests, which is built on it, would double the
        # processor time, and Locust's FastHttpUser collects the pieces into blocks of 4,000 bytes.
        response = server.request("POST", url + PATH, json=body, headers=headers, preload_content=False)
        headers_told = (response.headers.get(name, "") for name in ("content-type", "retry-after"))
        answer = "\n".join((str(response.status), *headers_told))
        yield Record(Event.ANSWERED, number, time.perf_counter(), answer.encode())
        for piece in response.stream(None):
            yield Record(Event.PIECE, number, time.perf_counter(), piece)
    except HTTPError as error:
        problem = f"{type(error).__name__}: {error}"
    yield Record(Event.ENDED, number, time.perf_counter(), problem.encode())


class RecordedResponse:
    """The response to one request, put together from its records; the first record says that the request was sent.

    If the response names another format than the requested one, it is taken for that format. Only `measured_formats`
    are decoded, because this takes processor time; audio in other formats counts as spoken.
    """

    def __init__(
        self, sent: Record, requested_format: FormatName, measured_formats: Container[FormatName] = AUDIO_FORMATS
    ) -> None:
        self.sent = self.last = sent.time
        self.first_piece: float | None = None
        self.bytes = 0
        self.http_status: int | None = None
        self.retry_after = 0.0
        """Seconds that a server that refused the request asks to wait."""
        self.problem = "the response has not ended"
        """Why the request counts as failed; empty if the response is complete and valid."""
        self.stream: Stream | None = None
        """The audio as its listener received it, if it was measured."""
        self._requested_format = requested_format
        self._measured_formats = measured_formats
        self._meter: PlaybackMeter | None = None

    def take(self, record: Record) -> None:
        """Add the next record."""
        self.last = record.time
        if record.event is Event.ANSWERED:
            self._begin(record.data.decode())
        elif record.event is Event.PIECE:
            self.bytes += len(record.data)
            self.first_piece = self.first_piece or record.time
            self._measure(record)
        elif record.event is Event.ENDED:
            self._end(record.data.decode())

    @property
    def status(self) -> Status:
        """How the request ended."""
        if self.http_status in REFUSALS:
            return Status.REFUSED
        return Status.FAILED if self.problem else Status.SPOKEN

    @property
    def result(self) -> RequestResult:
        """The result of the request."""
        return RequestResult(self.sent, self.last, self.status, self.stream)

    def _begin(self, answer: str) -> None:
        status, content_type, retry_after = answer.split("\n")
        self.http_status = int(status)
        self.retry_after = float(retry_after or 0)
        audio_format = _format_of(content_type) or self._requested_format
        if self.http_status == HTTPStatus.OK and audio_format in self._measured_formats:
            self._meter = PlaybackMeter(audio_format, self.sent)

    def _measure(self, record: Record) -> None:
        if self._meter:
            self._meter.take(record.time, record.data)

    def _end(self, error: str) -> None:
        if error or self.http_status != HTTPStatus.OK:
            self.problem = error or f"the status was {self.http_status}"
            return
        try:
            self.stream = self._meter.finish() if self._meter else None
            self.problem = ""
        except Unplayable as unplayable:
            self.problem = str(unplayable)


def _format_of(content_type: str) -> FormatName | None:
    """Return the format with this media type, if there is one."""
    media_type = content_type.partition(";")[0].strip()
    return next((name for name, each in AUDIO_FORMATS.items() if media_type in each.content_types), None)
