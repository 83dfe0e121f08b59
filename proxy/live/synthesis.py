"""The sentences of a live text as one stream of audio."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np

from proxy.audio.samples import Samples
from proxy.errors import NothingHeard
from proxy.live.passage import Passage
from proxy.live.playback import Playback
from proxy.live.text import LiveText
from proxy.responses.buffer_budget import BufferAccount, BufferBudget, used_up
from proxy.synthesis.interface import (
    AudioChunk,
    SentenceEnd,
    SentenceFlag,
    SentenceStart,
    SynthesisParameters,
    Usage,
)
from proxy.synthesis.monitored import MonitoredSynthesizer
from text.sentences import Sentence

LONGEST_PASSAGE = 8
"""Sentences of one request to the engine, which speaks them side by side if others leave it time."""

PASSAGES = 2
"""Passages that are kept: the one that is being read by the client, and the next."""

_CHARACTERS_PER_SECOND = 15.0
_NOTHING_USED = Usage(0, 0)


class LiveSynthesis:
    """Speaks the sentences of a `LiveText` one after the other, the next ones while some are being read.

    What is there is spoken together, as a passage; the next one is begun when the engine has done with one. A sentence
    whose end is written is begun at once if the listener has little left to hear, although a short one may follow that
    belongs to it; then both are begun anew. Sentences are numbered from 0, and their spans are those in the live text.
    `playback` is that of what has been read.
    """

    def __init__(
        self,
        synthesizer: MonitoredSynthesizer,
        text: LiveText,
        parameters: SynthesisParameters,
        playback: Playback,
        budget: BufferBudget,
    ) -> None:
        self._synthesizer = synthesizer
        self._text = text
        self._parameters = parameters
        self._playback = playback
        self._upcoming: deque[Sentence] = deque()
        self._ahead: asyncio.Queue[Passage | None] = asyncio.Queue()
        self._permits = asyncio.Semaphore(PASSAGES)
        self._passages: list[Passage] = []  # those that are under way
        self._expected: Passage | None = None  # begun before it is known whether its sentence stays as it is
        self._clip = _Clip()
        self._budget = budget
        self._account: BufferAccount  # while the chunks are read

    async def chunks(self) -> AsyncGenerator[AudioChunk]:
        """Yield the audio as it is made. Closing the generator cancels everything that is under way.

        Raises `QueueFull` if the buffer budget is used up, and this clip has the most audio that waits.
        """
        self._account = self._budget.open(self._drop)
        feeding = asyncio.create_task(self._feed())
        try:
            while (passage := await self._ahead.get()) is not None:
                async with aclosing(self._chunks_of(passage)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                self._passages.remove(passage)
                self._permits.release()
                yield self._clip.finish(passage)
            await feeding
            if self._text.pause_after:
                yield self._clip.silence(self._text.pause_after)
        finally:
            self._account.close()
            feeding.cancel()
            passages = self._all_passages
            for each in passages:  # before it is waited for, since a cancellation may end the waiting
                each.cancel()
            await asyncio.gather(feeding, *(each.aclose() for each in passages), return_exceptions=True)

    def clear(self) -> None:
        """Drop the text that was not given out, and every sentence of which nothing has been read."""
        self._text.clear()
        self._upcoming.clear()
        for passage in self._all_passages:
            passage.cut()

    def _drop(self) -> None:
        for passage in self._all_passages:
            passage.fail(used_up())

    @property
    def _all_passages(self) -> list[Passage]:
        return self._passages if self._expected is None else [*self._passages, self._expected]

    async def _feed(self) -> None:
        """Have the next passage spoken as soon as the engine has done with the one before and there is a permit."""
        try:
            while self._upcoming or await self._read():
                await self._permits.acquire()
                if self._upcoming:  # not cleared meanwhile
                    passage = await self._take_expected() or self._begin(self._next())
                    self._passages.append(passage)
                    self._ahead.put_nowait(passage)
                    await passage.made()
                else:
                    self._permits.release()
        finally:
            self._ahead.put_nowait(None)

    async def _read(self) -> bool:
        """Wait for the next sentences; return whether there are any."""
        self._upcoming.extend(await self._text.sentences(self._buffered, self._expect))
        return bool(self._upcoming)

    async def _expect(self, sentence: Sentence) -> None:
        """Have a sentence spoken that is likely to come next."""
        await self._drop_expected()
        if not self._permits.locked():
            self._expected = self._begin([sentence])

    async def _take_expected(self) -> Passage | None:
        """Return the passage that was begun already if its sentence comes next, which is taken."""
        passage = self._expected
        if passage is None or not passage.speaks(self._upcoming[0]):
            await self._drop_expected()
            return None
        passage.sentences = [self._upcoming.popleft()]
        self._expected = None
        return passage

    async def _drop_expected(self) -> None:
        if self._expected is not None:
            await self._expected.aclose()
            self._expected = None

    def _next(self) -> list[Sentence]:
        """The sentences of the next passage: as many as there are up to the next pause."""
        sentences = [self._upcoming.popleft()]
        while self._upcoming and len(sentences) < LONGEST_PASSAGE and not self._upcoming[0].pause_before:
            sentences.append(self._upcoming.popleft())
        return sentences

    def _begin(self, sentences: list[Sentence]) -> Passage:
        parameters = self._parameters
        if self._clip.sentences or self._passages:  # only the beginning of a clip waits for its encoder
            parameters = replace(parameters, encoder_delay=None)
        return Passage(self._synthesizer, sentences, parameters, self._account, patient=bool(self._clip.samples))

    def _buffered(self) -> float:
        """Seconds that the listener has to hear, with those of the sentences that have not begun to be read."""
        unread = [sentence for passage in self._passages for sentence in passage.sentences[passage.begun :]]
        characters = sum(len(sentence.text) for sentence in [*unread, *self._upcoming])
        return self._playback.buffered + characters / _CHARACTERS_PER_SECOND

    async def _chunks_of(self, passage: Passage) -> AsyncGenerator[AudioChunk]:
        self._clip.begin()
        try:
            async with aclosing(passage.chunks()) as chunks:
                async for chunk in chunks:
                    if passage.is_cut and chunk.sentences:
                        yield self._clip.placed(_until(chunk, self._clip.samples_of_passage), passage)
                        await passage.aclose()
                        return
                    yield self._clip.placed(chunk, passage)
        except NothingHeard:
            yield self._clip.silent(passage)


def _until(chunk: AudioChunk, begun: int) -> AudioChunk:
    """The part of a chunk before its first new sentence; its passage had `begun` samples before it."""
    return replace(chunk, samples=chunk.samples[: chunk.sentences[0].sample - begun], sentences=())


@dataclass
class _Clip:
    """What has been spoken so far, and where the next chunk belongs."""

    samples: int = 0
    sentences: int = 0
    """Those of the passages that have ended."""
    rate: int = 0
    usage: Usage = _NOTHING_USED
    checkpoint: str = ""
    samples_of_passage: int = 0
    _origin: int | None = None  # where the passage begins, after the pause before it
    _usage_of_passage: Usage = _NOTHING_USED

    def begin(self) -> None:
        """Go on to the next passage."""
        self._origin = None
        self.samples_of_passage = 0
        self._usage_of_passage = _NOTHING_USED

    def placed(self, chunk: AudioChunk, passage: Passage) -> AudioChunk:
        """Return a chunk of a passage with its marks in the clip, the first one with the pause before it."""
        samples = chunk.samples
        if self._origin is None:
            samples = self._with_pause(chunk, passage.sentences[0].pause_before)
        starts = tuple(self._placed_start(start, passage) for start in chunk.sentences)
        passage.begun += len(starts)
        flags = tuple(SentenceFlag(self.sentences + each.index, each.flag) for each in chunk.flags)
        self.samples += len(samples)
        self.samples_of_passage += len(chunk.samples)
        self.rate, self.checkpoint = chunk.rate, chunk.checkpoint
        self._usage_of_passage = chunk.usage
        return replace(chunk, samples=samples, usage=self._total(), sentences=starts, flags=flags)

    def silent(self, passage: Passage) -> AudioChunk:
        """Return what tells that no sentence of a passage has audio."""
        passage.begun = len(passage.sentences)
        flags = tuple(SentenceFlag(self.sentences + index, "silent") for index in range(passage.begun))
        return replace(self._empty(), flags=flags)

    def silence(self, seconds: float) -> AudioChunk:
        """Return the pause after the last sentence."""
        samples = np.zeros(round(seconds * self.rate), dtype=np.int16)
        self.samples += len(samples)
        return replace(self._empty(), samples=samples)

    def finish(self, passage: Passage) -> AudioChunk:
        """Count a passage that has ended; return where, since it may be long until the next one begins."""
        self.usage = self._total()
        self._usage_of_passage = _NOTHING_USED
        self.sentences += passage.begun if passage.is_cut else len(passage.sentences)
        ends = (SentenceEnd(self.sentences - 1, self.samples),) if self.sentences else ()
        return replace(self._empty(), ends=ends)

    def _with_pause(self, chunk: AudioChunk, seconds: float) -> Samples:
        pause = np.zeros(round(seconds * chunk.rate), dtype=np.int16)
        self._origin = self.samples + len(pause)
        return np.concatenate([pause, chunk.samples]) if len(pause) else chunk.samples

    def _placed_start(self, start: SentenceStart, passage: Passage) -> SentenceStart:
        sentence = passage.sentences[start.index]
        sample = (self._origin or 0) + start.sample
        return SentenceStart(self.sentences + start.index, sample, sentence.start, sentence.end, sentence.text)

    def _empty(self) -> AudioChunk:
        return AudioChunk(np.zeros(0, dtype=np.int16), self.rate, self._total(), checkpoint=self.checkpoint)

    def _total(self) -> Usage:
        one, other = self.usage, self._usage_of_passage
        return Usage(one.prompt_tokens + other.prompt_tokens, one.audio_tokens + other.audio_tokens)
