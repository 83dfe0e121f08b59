"""One clip in progress, from the engine's samples to bytes for the client."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from proxy.api_types import SentenceWarning, TimedSentence
from proxy.audio.encoder import Encoder
from proxy.audio.formats import AudioFormat
from proxy.audio.silence import SoundDetector
from proxy.audio.wav import wav_header
from proxy.responses.transcript import ClipText, Transcript
from proxy.synthesis.interface import AudioChunk, SentenceStart, Usage

_LARGE = 1024 * 1024
"""A chunk with more bytes of samples than this is a whole clip received over HTTP; streamed chunks are far smaller."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Piece:
    """Encoded bytes, perhaps none, the `sentences` that end with them, and those that have `begun` in them.

    `seconds` is the length of the clip so far. `held` is the number of bytes in memory that will be sent later: samples
    that are being encoded, and the encoder's output if the clip is to be sent whole. `silence` are the seconds of the
    clip before its first sound, once the bytes of that sound are encoded.
    """

    data: bytes
    sentences: list[TimedSentence]
    seconds: float
    held: int = 0
    begun: list[SentenceStart] = field(default_factory=list)
    silence: float | None = None

    def parts(self, size: int) -> "Iterator[Piece]":
        """Yield the same in pieces of at most `size` bytes; all have the length of the clip after the last.

        What begins comes with the first one, what ends with the last.
        """
        starts = range(0, max(1, len(self.data)), size)
        for start in starts:
            yield replace(
                self,
                data=self.data[start : start + size],
                begun=self.begun if start == starts[0] else [],
                sentences=self.sentences if start == starts[-1] else [],
            )

    def absorb(self, later: "Piece") -> None:
        """Take over the values of a later piece that has no bytes."""
        self.sentences += later.sentences
        self.begun += later.begun
        self.seconds = later.seconds
        self.silence = later.silence


class Clip:
    """Encodes the `chunks` of the spoken `text` as they arrive, and collects the facts about them.

    With `whole`, the last piece holds all bytes, and its headers are exact. `sentences` are those that are complete so
    far, in order, `warnings` tell what went wrong with any; `usage` and `seconds` grow with the pieces. `checkpoint` is
    known once the first bytes exist.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[AudioChunk],
        audio_format: AudioFormat,
        *,
        text: ClipText,
        speed: float = 1.0,
        whole: bool = False,
    ) -> None:
        self.format = audio_format
        self.whole = whole
        self.usage = Usage(0, 0)
        self.checkpoint = ""
        self.sentences: list[TimedSentence] = []
        self.warnings: list[SentenceWarning] = []
        self._chunks = chunks
        self._speed = speed
        self._encoder: Encoder | None = None
        self._detector: SoundDetector | None = None
        self._transcript = Transcript(text, speed)

    @property
    def characters(self) -> int:
        """The length of the text, in code points."""
        return self._transcript.characters

    @property
    def seconds(self) -> float:
        """Seconds of audio so far, at the speed that the client asked for."""
        return self._transcript.seconds

    @property
    def slowdown(self) -> float:
        """How much longer the clip is than at normal speed, as a factor; 1 if it is shorter."""
        return max(1.0, 1 / self._speed)

    def header(self, audio_bytes: int | None) -> bytes:
        """The header that the encoder omits, for `audio_bytes` bytes of audio; None if their number is unknown."""
        return wav_header(self.format.rate, audio_bytes) if self.format.sized_header else b""

    async def pieces(self) -> AsyncGenerator[Piece]:
        """The encoded clip, piece by piece. Closing the generator cancels the synthesis."""
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                if chunk.samples.nbytes > _LARGE:
                    yield Piece(b"", [], self.seconds, chunk.samples.nbytes)
                data = await self._run(self._encode, chunk) if chunk.samples.size else b""
                self.usage = chunk.usage
                self.checkpoint = chunk.checkpoint
                self.warnings += [SentenceWarning.of(flag) for flag in chunk.flags]
                sentences = self._transcript.add(chunk)
                yield self._piece(data, sentences, self.seconds - self.format.encoder_delay, chunk.sentences)
        last = await self._run(self._encoder.finish) if self._encoder else b""
        self._encoder = None
        yield self._piece(last, self._transcript.finish(), self.seconds)

    def _encode(self, chunk: AudioChunk) -> bytes:
        if self._encoder is None:
            self._encoder = Encoder(self.format, chunk.rate, speed=self._speed, whole=self.whole)
            self._detector = SoundDetector(chunk.rate)
        if self._detector is not None:
            self._detector.add(chunk.samples)
        return self._encoder.encode(chunk.samples)

    def _piece(
        self, data: bytes, sentences: list[TimedSentence], encoded: float, begun: Iterable[SentenceStart] = ()
    ) -> Piece:
        """The next piece, after which the first `encoded` seconds of the clip have been encoded."""
        self.sentences += sentences
        held = self._encoder.held if self._encoder else 0
        return Piece(data, sentences, self.seconds, held, list(begun), self._silence(encoded))

    def _silence(self, encoded: float) -> float | None:
        """The seconds before the first sound, at the speed of the clip, if that is among the seconds `encoded`."""
        seconds = self._detector.seconds if self._detector else None
        return None if seconds is None or seconds / self._speed >= encoded else seconds / self._speed

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.format.in_thread:
            return await asyncio.to_thread(work, *args, **kwargs)
        return work(*args, **kwargs)
