"""The sentences of a live text as one stream of audio."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np

from proxy.errors import NothingHeard
from proxy.live.sentence import SpokenSentence
from proxy.live.text import LiveText
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

SENTENCES_AHEAD = 2
"""Sentences that are spoken at once: the one that is being read by the client, and the next."""

_CHARACTERS_PER_SECOND = 15.0
_NOTHING_USED = Usage(0, 0)


class LiveSynthesis:
    """Speaks the sentences of a `LiveText` one after the other, the next one while one is being read.

    Sentences are numbered from 0, and their spans are those in the live text. `left` tells how many seconds of what has
    been read its listener has still to hear.
    """

    def __init__(
        self,
        synthesizer: MonitoredSynthesizer,
        text: LiveText,
        parameters: SynthesisParameters,
        left: Callable[[], float],
    ) -> None:
        self._synthesizer = synthesizer
        self._text = text
        self._parameters = parameters
        self._left = left
        self._upcoming: deque[Sentence] = deque()
        self._ahead: asyncio.Queue[SpokenSentence | None] = asyncio.Queue()
        self._places = asyncio.Semaphore(SENTENCES_AHEAD)
        self._spoken: list[SpokenSentence] = []  # those that are under way
        self._clip = _Clip()

    async def chunks(self) -> AsyncGenerator[AudioChunk]:
        """Yield the audio as it is made. Closing the generator cancels everything that is under way."""
        feeding = asyncio.create_task(self._feed())
        try:
            while (spoken := await self._ahead.get()) is not None:
                async with aclosing(self._chunks_of(spoken)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                if spoken.begun:
                    self._clip.finish()
                self._spoken.remove(spoken)
                self._places.release()
            await feeding
            if self._text.pause_after:
                yield self._clip.silence(self._text.pause_after)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, *(each.aclose() for each in self._spoken), return_exceptions=True)

    def clear(self) -> None:
        """Drop the text that was not given out, and every sentence of which nothing has been read."""
        self._text.clear()
        self._upcoming.clear()
        for each in self._spoken:
            if not each.begun:
                each.drop()

    async def _feed(self) -> None:
        """Start to speak each sentence as soon as there is a place for it."""
        try:
            await self._places.acquire()
            while sentences := await self._text.sentences(self._seconds_left):
                self._upcoming.extend(sentences)
                while self._upcoming:
                    self._begin(self._upcoming.popleft())
                    await self._places.acquire()
        finally:
            self._ahead.put_nowait(None)

    def _begin(self, sentence: Sentence) -> None:
        parameters = self._parameters
        if self._clip.sentences or self._spoken:  # only the beginning of a clip waits for its encoder
            parameters = replace(parameters, encoder_delay=None)
        spoken = SpokenSentence(self._synthesizer, sentence, parameters, patient=bool(self._clip.samples))
        self._spoken.append(spoken)
        self._ahead.put_nowait(spoken)

    def _seconds_left(self) -> float:
        """Seconds that the listener has to hear, with those of the sentences that are under way."""
        sentences = [each.sentence for each in self._spoken] + list(self._upcoming)
        characters = sum(len(each.text) for each in sentences)
        return self._left() + characters / _CHARACTERS_PER_SECOND

    async def _chunks_of(self, spoken: SpokenSentence) -> AsyncGenerator[AudioChunk]:
        try:
            async for chunk in spoken.chunks():
                begun, spoken.begun = spoken.begun, True
                yield self._clip.placed(chunk) if begun else self._clip.begun(spoken.sentence, chunk)
        except NothingHeard:
            spoken.begun = True
            yield self._clip.silent()


@dataclass
class _Clip:
    """What has been spoken so far, and where the next chunk belongs."""

    samples: int = 0
    sentences: int = 0
    rate: int = 0
    usage: Usage = _NOTHING_USED
    checkpoint: str = ""
    _sentence_usage: Usage = _NOTHING_USED

    def begun(self, sentence: Sentence, chunk: AudioChunk) -> AudioChunk:
        """Return the first chunk of a sentence, with the pause before it."""
        pause = round(sentence.pause_before * chunk.rate)
        index = self.sentences
        start = SentenceStart(index, self.samples + pause, sentence.start, sentence.end, sentence.text)
        ends = (SentenceEnd(index - 1, self.samples),) if pause and index else ()
        silence = np.zeros(pause, dtype=np.int16)
        return self.placed(
            replace(chunk, samples=np.concatenate([silence, chunk.samples])), sentences=(start,), ends=ends
        )

    def placed(
        self,
        chunk: AudioChunk,
        sentences: tuple[SentenceStart, ...] = (),
        ends: tuple[SentenceEnd, ...] = (),
    ) -> AudioChunk:
        """Return a chunk of the current sentence with its marks in the clip."""
        self.samples += len(chunk.samples)
        self.rate, self.checkpoint = chunk.rate, chunk.checkpoint
        self._sentence_usage = chunk.usage
        flags = tuple(SentenceFlag(self.sentences, each.flag) for each in chunk.flags)
        return replace(chunk, usage=self._total(), sentences=sentences, ends=ends, flags=flags)

    def silent(self) -> AudioChunk:
        """Return what tells that the current sentence has no audio."""
        flags = (SentenceFlag(self.sentences, "silent"),)
        return replace(self._empty(), flags=flags)

    def silence(self, seconds: float) -> AudioChunk:
        """Return the pause after the last sentence."""
        ends = (SentenceEnd(self.sentences - 1, self.samples),) if self.sentences else ()
        samples = np.zeros(round(seconds * self.rate), dtype=np.int16)
        self.samples += len(samples)
        return replace(self._empty(), samples=samples, ends=ends)

    def finish(self) -> None:
        """Go on to the next sentence."""
        self.usage = self._total()
        self._sentence_usage = _NOTHING_USED
        self.sentences += 1

    def _empty(self) -> AudioChunk:
        return AudioChunk(np.zeros(0, dtype=np.int16), self.rate, self._total(), checkpoint=self.checkpoint)

    def _total(self) -> Usage:
        one, other = self.usage, self._sentence_usage
        return Usage(one.prompt_tokens + other.prompt_tokens, one.audio_tokens + other.audio_tokens)
