"""One live clip: text in while it is written, encoded audio out while it is made."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from proxy.api_types import SentenceWarning
from proxy.audio.formats import AUDIO_FORMATS, AudioFormat
from proxy.errors import ApiError
from proxy.live.playback import Playback
from proxy.live.synthesis import LiveSynthesis
from proxy.live.text import USUAL_PATIENCE, LiveText, Patience
from proxy.middleware.access import log_request
from proxy.request_record import Ending, RequestRecord
from proxy.responses.backlog import PART_BYTES
from proxy.responses.clip import Clip, Piece
from proxy.services import Services
from proxy.synthesis.interface import SynthesisParameters, Usage
from proxy.synthesis.trimmed import trimmed
from text.options import AS_SPOKEN, ReadingOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LiveOptions:
    """How a live clip is spoken. The `text` of `parameters` is not used; `voice` is as it was asked for."""

    voice: str = ""
    format_name: str = "pcm"
    audio_format: AudioFormat = AUDIO_FORMATS["pcm"]
    speed: float = 1.0
    trim_silence: bool = True
    parameters: SynthesisParameters = field(default_factory=lambda: SynthesisParameters(""))
    reading: ReadingOptions = AS_SPOKEN
    patience: Patience = USUAL_PATIENCE
    previous_text: str = ""
    """What came before the text and was spoken already."""


class LiveSpeech:
    """Speaks a text while it is being written.

        speech.append("Hello ")
        speech.append("there.")
        speech.end()
        async for piece in speech.pieces():
            send(piece.data)

    A reader of the pieces that is slow makes the engine wait. When the pieces have ended, or `pieces` was closed, the
    clip is logged and counted like a request.
    """

    def __init__(self, services: Services, options: LiveOptions, record: RequestRecord) -> None:
        self.options = options
        self.record = record
        record.voice = options.voice
        self._metrics = services.metrics
        self._text = LiveText(options.reading, options.patience, previous_text=options.previous_text)
        self._playback = Playback()
        parameters = replace(options.parameters, request_id=record.request_id)
        self._synthesis = LiveSynthesis(
            services.synthesizer, self._text, parameters, self._playback, services.buffer_budget
        )
        chunks = self._synthesis.chunks()
        self._clip = Clip(
            trimmed(chunks) if options.trim_silence else chunks,
            options.audio_format,
            text=self._text,
            speed=options.speed,
        )
        self._has_sent = False  # any audio
        self.finished = False
        """Whether the pieces have ended or were closed."""

    @property
    def seconds(self) -> float:
        """Seconds of audio so far."""
        return self._clip.seconds

    @property
    def characters(self) -> int:
        """Characters of the text so far, without what was appended after its end."""
        return len(self._text)

    @property
    def usage(self) -> Usage:
        """Tokens so far."""
        return self._clip.usage

    @property
    def warnings(self) -> list[SentenceWarning]:
        """What was not spoken completely."""
        return self._clip.warnings

    @property
    def checkpoint(self) -> str:
        """The weights in use; known once the first bytes exist."""
        return self._clip.checkpoint

    @property
    def has_ended(self) -> bool:
        """Whether nothing follows, or its audio has ended."""
        return self._text.has_ended or self.finished

    def append(self, text: str) -> None:
        """Add the next characters. Raises `QueueFull` if more than a million are waiting to be spoken."""
        self.record.characters += len(text)
        self._text.append(text)

    async def room(self) -> None:
        """Wait while much is waiting to be spoken, more than a quarter of an hour."""
        await self._text.room()

    def flush(self) -> None:
        """Have everything spoken that was written so far, complete or not."""
        self._text.flush()

    def end(self) -> None:
        """Mark that nothing follows: the pieces end with the last word."""
        self._text.end()

    def clear(self) -> None:
        """Drop what was written and has not begun to sound. The client is taken to drop what it has not played."""
        self._synthesis.clear()
        self._playback.stop()

    def text(self, start: int, end: int) -> str:
        """A part of the text, by a span of code points; it may be forgotten 100,000 characters later."""
        return self._text[start:end]

    async def pieces(self) -> AsyncGenerator[Piece]:
        """Yield the audio as it is made; at last a piece that may be empty. Closing it cancels the synthesis.

        No piece is larger than `PART_BYTES`, since many clients refuse messages of more than a megabyte.

        Raises the `ApiError` that prevented the next piece.
        """
        try:
            async with aclosing(self._clip.pieces()) as pieces:
                async for piece in pieces:
                    if piece.data and not self._has_sent:
                        piece.data = self._clip.header(None) + piece.data
                    for part in piece.parts(PART_BYTES):
                        yield part
                        self._note(part)
            self.record.status = 200
        except Exception as error:
            self._fail(error)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            self.record.ending = Ending.LEFT
            raise
        finally:
            self._finish()

    def _note(self, piece: Piece) -> None:
        """Note that a piece has been sent."""
        if piece.data and not self._has_sent:
            self._has_sent = True
            self.record.status = 200
            self.record.begun = self._text.first_taken or time.monotonic()
        if piece.data:
            self._playback.extend(piece.seconds)
            self.record.note_audio(piece.silence)
        self.record.audio_seconds = piece.seconds

    def _fail(self, error: Exception) -> None:
        if self.record.first_audio_seconds is None:
            self.record.status = error.status if isinstance(error, ApiError) else 500
            return
        self.record.ending = Ending.CUT
        log.error("cut after audio was sent: %s", error, extra={"fields": {"request_id": self.record.request_id}})

    def _finish(self) -> None:
        self.finished = True
        record = self.record
        record.seconds = record.age
        record.format = self.options.format_name
        record.warnings = [warning.code for warning in self.warnings]
        self._metrics.observe(record)
        log_request(record)
