"""A few sentences of a live clip, spoken ahead of those who listen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from proxy.errors import QueueFull, ServiceUnavailable
from proxy.responses.buffer_budget import BufferAccount
from proxy.synthesis.interface import AudioChunk, SentenceFlag, SynthesisParameters
from proxy.synthesis.monitored import MonitoredSynthesizer
from text.sentences import Sentence

RECOVERY_SECONDS = 30.0
"""How long a passage waits for an engine that was lost or is full, if some of its clip has been made already."""

_RETRY_SECONDS = 0.5


class Passage:
    """Speaks sentences, by one request, as fast as the engine can, and keeps the chunks for their reader.

    An engine that is lost begins again, and what was made before is left out: the same sentences always have the same
    samples. With `patient`, or when some of it has been made, it waits for an engine that is not there or has no room.
    Chunks that wait are charged to the `account`.
    """

    def __init__(
        self,
        synthesizer: MonitoredSynthesizer,
        sentences: Sequence[Sentence],
        parameters: SynthesisParameters,
        account: BufferAccount,
        *,
        patient: bool,
    ) -> None:
        self.sentences = sentences
        self.begun = 0
        """How many of the sentences have begun to be read."""
        self.is_cut = False
        """Whether only the sentence is wanted that is being read."""
        self._synthesizer = synthesizer
        text = "\n".join(sentence.text for sentence in sentences)
        self._parameters = replace(parameters, text=text, spoken=True)
        self._account = account
        self._patient = patient
        self._error: QueueFull | None = None
        self._samples = 0
        self._flags: set[SentenceFlag] = set()
        self._chunks: asyncio.Queue[AudioChunk | None] = asyncio.Queue()
        self._speaking = asyncio.create_task(self._speak())

    async def chunks(self) -> AsyncGenerator[AudioChunk]:
        """Yield the chunks as they are made. Raises the `ApiError` that prevented the next one."""
        while not self._is_dropped and (chunk := await self._chunks.get()) is not None:
            self._account.add(-chunk.samples.nbytes)
            yield chunk
        if self._error is not None:
            raise self._error
        if self._is_dropped:
            await self.aclose()
        else:
            await self._speaking

    async def made(self) -> None:
        """Wait until the engine has nothing more to do for it."""
        await asyncio.wait({self._speaking})

    def speaks(self, sentence: Sentence) -> bool:
        """Whether its words are those of one sentence, and are still wanted."""
        return not self.is_cut and [each.text for each in self.sentences] == [sentence.text]

    def cut(self) -> None:
        """Give up the sentences that have not begun to be read."""
        self.is_cut = True
        if self._is_dropped:
            self._speaking.cancel()

    def fail(self, error: QueueFull) -> None:
        """Drop what was made, and raise an error where the next chunk is waited for."""
        self._error = error
        self._speaking.cancel()
        self._drop_chunks()
        self._chunks.put_nowait(None)

    def cancel(self) -> None:
        """Begin to stop."""
        self._speaking.cancel()

    async def aclose(self) -> None:
        """Stop; when this returns, the synthesis has been cancelled."""
        self.cancel()
        await asyncio.gather(self._speaking, return_exceptions=True)
        self._drop_chunks()

    @property
    def _is_dropped(self) -> bool:
        return self.is_cut and not self.begun

    def _drop_chunks(self) -> None:
        while not self._chunks.empty():
            if (chunk := self._chunks.get_nowait()) is not None:
                self._account.add(-chunk.samples.nbytes)

    async def _speak(self) -> None:
        try:
            await self._speak_patiently()
        finally:
            self._chunks.put_nowait(None)

    async def _speak_patiently(self) -> None:
        loop = asyncio.get_running_loop()
        made, give_up_at = -1, 0.0
        while True:
            try:
                return await self._speak_once()
            except (ServiceUnavailable, QueueFull) as error:
                is_first = self._samples > made  # since there was audio
                if is_first:
                    made = self._samples
                    give_up_at = loop.time() + (RECOVERY_SECONDS if self._patient or made else 0.0)
                at_once = is_first and isinstance(error, ServiceUnavailable)
                if not at_once and loop.time() >= give_up_at:
                    raise
                await asyncio.sleep(0 if at_once else _RETRY_SECONDS)

    async def _speak_once(self) -> None:
        made = self._samples
        async with aclosing(self._synthesizer.synthesize(self._parameters)) as chunks:
            async for chunk in _without(made, chunks):
                flags = tuple(flag for flag in chunk.flags if flag not in self._flags)
                self._flags.update(flags)
                self._samples += len(chunk.samples)
                self._chunks.put_nowait(replace(chunk, flags=flags))
                self._account.add(chunk.samples.nbytes)


async def _without(made: int, chunks: AsyncGenerator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """Yield the chunks without their first samples, and without the sentences that begin in those."""
    left = made
    async for chunk in chunks:
        left_out = min(left, len(chunk.samples))
        left -= left_out
        starts = tuple(start for start in chunk.sentences if start.sample >= made)
        yield replace(chunk, samples=chunk.samples[left_out:], sentences=starts) if left_out else chunk
