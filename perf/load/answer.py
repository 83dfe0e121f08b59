"""What came back for one request, put together from its records."""

from collections.abc import Container
from http import HTTPStatus

from perf.load.heard import Ear
from perf.load.outcome import Fate, Outcome
from perf.load.recording import Event, Record
from perf.load.unplayable import Unplayable
from perf.stream import Stream
from proxy.audio.formats import AUDIO_FORMATS, FormatName

REFUSALS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""What a server says that has no room for a request just now."""


class Answer:
    """Takes the records of one request, of which the first says that it was sent.

    `asked` is the format that was asked for; an answer that is said to be in another one is heard as what it is. Only
    formats in `heard` are listened to, as that takes processor time; any other audio counts as spoken as it is.
    """

    def __init__(self, sent: Record, asked: FormatName, heard: Container[FormatName] = AUDIO_FORMATS) -> None:
        self.sent = self.last = sent.time
        self.first_piece: float | None = None
        self.bytes = 0
        self.status: int | None = None
        self.retry_after = 0.0
        """Seconds after which a server that refused wants to be asked again."""
        self.problem = "it has not come to an end"
        """Why it counts as failed; empty once it has come to its end and all went well."""
        self.stream: Stream | None = None
        """What its listener heard, once it has been spoken."""
        self._asked = asked
        self._heard = heard
        self._ear: Ear | None = None

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
    def fate(self) -> Fate:
        """How it ended."""
        if self.status in REFUSALS:
            return Fate.REFUSED
        return Fate.FAILED if self.problem else Fate.SPOKEN

    @property
    def outcome(self) -> Outcome:
        """The request, summed up."""
        return Outcome(self.sent, self.last, self.fate, self.stream)

    def _begin(self, answer: str) -> None:
        status, content_type, retry_after = answer.split("\n")
        self.status = int(status)
        self.retry_after = float(retry_after or 0)
        audio_format = _format_of(content_type) or self._asked
        if self.status == HTTPStatus.OK and audio_format in self._heard:
            self._ear = Ear(audio_format, self.sent)

    def _hear(self, record: Record) -> None:
        if self._ear:
            self._ear.hear(record.time, record.data)

    def _end(self, broken_off: str) -> None:
        if broken_off or self.status != HTTPStatus.OK:
            self.problem = broken_off or f"the status was {self.status}"
            return
        try:
            self.stream = self._ear.finish() if self._ear else None
            self.problem = ""
        except Unplayable as error:
            self.problem = str(error)


def _format_of(content_type: str) -> FormatName | None:
    """Return the format with this media type, if there is one."""
    media_type = content_type.partition(";")[0].strip()
    return next((name for name, each in AUDIO_FORMATS.items() if media_type in each.content_types), None)
