"""A synthesizer with deadlines and a health state."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from proxy.errors import (
    ApiError,
    DeadlineExceeded,
    EngineLost,
    QueueFull,
    ServerError,
    ServiceUnavailable,
)
from proxy.synthesis.interface import AudioChunk, SynthesisParameters, Synthesizer

WARM_UP_TEXT = "Hello."
CHECK_SECONDS = 3.0


class MonitoredSynthesizer:
    """Passes requests on to `inner` and fails them if audio is late.

    It is healthy after a request has succeeded, until one finds no engine or gets no audio in time; Triton's own
    readiness does not show that an engine hangs. `checkpoint` names the weights of the last audio; None before the
    first.
    """

    def __init__(self, inner: Synthesizer, *, first_audio_deadline: float, stall_deadline: float) -> None:
        self._inner = inner
        self._first_audio_deadline = first_audio_deadline
        self._stall_deadline = stall_deadline
        self.checkpoint: str | None = None
        self._works = False
        self._lost: EngineLost | None = None  # the error of the last request, if its engine was lost
        self._warm_up: asyncio.Task[ApiError | None] | None = None

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """See `Synthesizer`. Raises `DeadlineExceeded` when a chunk is late."""
        try:
            async with aclosing(self._inner.synthesize(parameters)) as chunks:
                yield await self._first_audio(chunks)
                while (chunk := await _next_chunk(chunks, self._stall_deadline, "next")) is not None:
                    yield chunk
        except (DeadlineExceeded, ServiceUnavailable) as error:  # other errors concern only this request
            self._works = False
            self._lost = error if isinstance(error, EngineLost) else None
            raise
        self._works = True
        self._lost = None

    async def check(self) -> None:
        """See `Synthesizer`; also speaks one word, unless the synthesizer is known to be healthy."""
        try:
            await self._inner.check()
        except ServiceUnavailable:
            self._works = False
            raise
        if not self._works:
            await self._require_warm_up()

    async def close(self) -> None:
        """See `Synthesizer`."""
        if self._warm_up is not None:
            self._warm_up.cancel()
            await asyncio.wait({self._warm_up})
        await self._inner.close()

    async def _require_warm_up(self) -> None:
        if self._warm_up is None or self._warm_up.done():
            self._warm_up = asyncio.create_task(self._speak_one_word())
        # Concurrent checks share one warm-up, and none waits longer than a health probe would.
        await asyncio.wait({self._warm_up}, timeout=CHECK_SECONDS)
        if not self._warm_up.done():
            warming_up = ServiceUnavailable(str(self._lost or "The speech engine is warming up."))
            warming_up.retry_after = (self._lost or warming_up).retry_after
            raise warming_up
        if (error := self._warm_up.result()) is not None:
            failed = ServiceUnavailable(f"The speech engine failed to speak one word: {error}")
            failed.retry_after = error.retry_after or failed.retry_after
            raise failed from error

    async def _first_audio(self, chunks: AsyncGenerator[AudioChunk]) -> AudioChunk:
        chunk = await _next_chunk(chunks, self._first_audio_deadline, "first")
        if chunk is None or not chunk.samples.size:
            raise ServerError("The speech engine made no audio for this text.")
        self.checkpoint = chunk.checkpoint or None
        return chunk

    async def _speak_one_word(self) -> ApiError | None:
        try:
            async with aclosing(self.synthesize(SynthesisParameters(WARM_UP_TEXT))) as chunks:
                async for _ in chunks:
                    pass
        except QueueFull:
            self._works = True  # a full engine works, and the next request may be accepted
        except ApiError as error:
            return error
        return None


async def _next_chunk(chunks: AsyncGenerator[AudioChunk], seconds: float, which: str) -> AudioChunk | None:
    """The next chunk; None after the last one."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(chunks, None)
    except TimeoutError as error:
        raise DeadlineExceeded(f"The speech engine gave no {which} audio within {seconds:g} seconds.") from error
