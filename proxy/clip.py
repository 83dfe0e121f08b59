"""One clip under way, from the engine's samples to bytes for the client."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import ParamSpec, TypeVar

from proxy.api_types import SentenceWarning, TimedSentence
from proxy.audio_format import AudioFormat
from proxy.encoder import Encoder
from proxy.synthesis import AudioChunk, Usage
from proxy.transcript import Transcript
from proxy.wav import wav_header

P = ParamSpec("P")
T = TypeVar("T")


class Clip:
    """Encodes `chunks` of the spoken `text` as they come, and keeps what else there is to tell of them.

    With `whole`, everything comes as one piece whose headers are exact. `sentences` holds those that are complete so
    far, in order, `warnings` what went wrong with any; `usage` and `seconds` grow with the pieces. `checkpoint` is
    known with the first piece.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[AudioChunk],
        audio_format: AudioFormat,
        *,
        text: str,
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
        self._transcript = Transcript(text, speed)

    @property
    def characters(self) -> int:
        """The length of the text, in code points."""
        return self._transcript.characters

    @property
    def seconds(self) -> float:
        """Seconds of audio so far, as it is heard."""
        return self._transcript.seconds

    def header(self, audio_bytes: int | None) -> bytes:
        """The header that the encoder leaves out, ahead of `audio_bytes` of audio or, with None, of a stream."""
        return wav_header(self.format.rate, audio_bytes) if self.format.sized_header else b""

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The encoded clip, in pieces of which none is empty. Closing the generator cancels the synthesis."""
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                piece = await self._run(self._encode, chunk) if chunk.samples.size else b""
                self._note(chunk)
                if piece:
                    yield piece
        last = await self._run(self._encoder.finish) if self._encoder else b""
        self.sentences += self._transcript.finish()
        if last:
            yield last

    def _encode(self, chunk: AudioChunk) -> bytes:
        if self._encoder is None:
            self._encoder = Encoder(self.format, chunk.rate, speed=self._speed, whole=self.whole)
        return self._encoder.encode(chunk.samples)

    def _note(self, chunk: AudioChunk) -> None:
        self.usage = chunk.usage
        self.checkpoint = chunk.checkpoint
        self.sentences += self._transcript.add(chunk)
        self.warnings += [SentenceWarning.of(flag) for flag in chunk.flags]

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.format.in_thread:
            return await asyncio.to_thread(work, *args, **kwargs)
        return work(*args, **kwargs)
