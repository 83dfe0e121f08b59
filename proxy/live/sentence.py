"""One sentence of a live clip, spoken ahead of those who listen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from proxy.errors import QueueFull, ServiceUnavailable
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from proxy.synthesis.monitored import MonitoredSynthesizer
from text.sentences import Sentence

RECOVERY_SECONDS = 30.0
"""How long a sentence waits for an engine that was lost or is full, if others of its clip were heard already."""

_RETRY_SECONDS = 0.5


class SpokenSentence:
    """Speaks a sentence as fast as the engine can, and keeps its chunks for the one that iterates over them.

    An engine that is lost begins again, and what was made before is left out: the same sentence always has the same
    samples. With `patient`, it waits for an engine that is not there or has no room.
    """

    def __init__(
        self,
        synthesizer: MonitoredSynthesizer,
        sentence: Sentence,
        parameters: SynthesisParameters,
        *,
        patient: bool,
    ) -> None:
        self.sentence = sentence
        self.begun = False
        """Whether any of it has been read."""
        self._dropped = False
        self._synthesizer = synthesizer
        self._parameters = replace(parameters, text=sentence.text, spoken=True)
        self._patience = RECOVERY_SECONDS if patient else 0.0
        self._samples = 0
        self._chunks: asyncio.Queue[AudioChunk | None] = asyncio.Queue()
        self._speaking = asyncio.create_task(self._speak())

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield the chunks as they are made. Raises the `ApiError` that prevented the next one."""
        while not self._dropped and (chunk := await self._chunks.get()) is not None:
            yield chunk
        if not self._dropped:
            await self._speaking

    def drop(self) -> None:
        """Stop, and yield nothing more."""
        self._dropped = True
        self._speaking.cancel()

    async def aclose(self) -> None:
        """Stop; when this returns, the synthesis has been cancelled."""
        self._speaking.cancel()
        await asyncio.gather(self._speaking, return_exceptions=True)

    async def _speak(self) -> None:
        try:
            await self._speak_patiently()
        finally:
            self._chunks.put_nowait(None)

    async def _speak_patiently(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        attempts = 0
        while True:
            try:
                await self._speak_once()
            except (ServiceUnavailable, QueueFull) as error:
                attempts += 1
                once_more = attempts == 1 and isinstance(error, ServiceUnavailable)
                if not once_more and loop.time() - begun > self._patience:
                    raise
                await asyncio.sleep(0 if once_more else _RETRY_SECONDS)
            else:
                return

    async def _speak_once(self) -> None:
        made = self._samples
        async with aclosing(self._synthesizer.synthesize(self._parameters)) as chunks:
            async for chunk in _without(made, chunks):
                self._samples += len(chunk.samples)
                self._chunks.put_nowait(chunk)


async def _without(samples: int, chunks: AsyncGenerator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """Yield the chunks without their first samples."""
    async for chunk in chunks:
        left_out = min(samples, len(chunk.samples))
        samples -= left_out
        yield replace(chunk, samples=chunk.samples[left_out:]) if left_out else chunk
