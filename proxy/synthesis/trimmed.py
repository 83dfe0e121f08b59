"""A clip without the silence before its first sound."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from proxy.audio.samples import Samples, joined
from proxy.audio.silence import SilenceTrimmer
from proxy.synthesis.interface import AudioChunk, SentenceEnd, SentenceStart


async def trimmed(chunks: AsyncGenerator[AudioChunk]) -> AsyncGenerator[AudioChunk]:
    """Yield the clip without the silence at the start of its first sentence; see `SilenceTrimmer`.

    The marks of the sentences move with the audio. A pause that the text asks for before or after that sentence stays,
    as does all of a clip whose engine does not send where sentences begin. A chunk of which no samples are left is
    passed on with the next one. Closing this generator closes `chunks`.
    """
    trimming = _Trimming()
    async with aclosing(chunks):
        async for chunk in chunks:
            if (passed := trimming.take(chunk)) is not None:
                yield passed
        if (rest := trimming.finish()) is not None:
            yield rest


class _Trimming:
    """The state of one clip."""

    def __init__(self) -> None:
        self._received = 0  # samples
        self._first: SentenceStart | None = None
        self._trimmer: SilenceTrimmer | None = None  # once the first sentence has begun
        self._waiting: AudioChunk | None = None  # what the removed samples came with, and no samples

    def take(self, chunk: AudioChunk) -> AudioChunk | None:
        """The chunk to pass on after the next one, if there is any."""
        begin = self._received
        self._received += len(chunk.samples)
        if self._trimmer is None:
            if not chunk.sentences:  # the pause with which the text begins
                return chunk
            self._first, self._trimmer = chunk.sentences[0], SilenceTrimmer(chunk.rate)
        samples = chunk.samples if self._trimmer.done else self._trim(chunk, begin, self._trimmer)
        passed = self._with_waiting(self._moved(chunk, samples, self._trimmer.removed))
        if samples.size or self._trimmer.done:
            # A last chunk may follow for the silence that is held back, with the usage of this one.
            self._waiting = None if self._trimmer.done else _without_marks(passed)
            return passed
        self._waiting = passed
        return None

    def finish(self) -> AudioChunk | None:
        """The silence that is held back of a clip without a sound."""
        if self._trimmer is None or self._waiting is None:
            return None
        return replace(self._waiting, samples=self._trimmer.finish())

    def _trim(self, chunk: AudioChunk, begin: int, trimmer: SilenceTrimmer) -> Samples:
        """The samples to pass on of a chunk whose first one is at `begin`, up to the end of the sentence or beyond."""
        sentence = max(0, self._first.sample - begin) if self._first else 0
        marks: tuple[SentenceStart | SentenceEnd, ...] = (*chunk.sentences, *chunk.ends)
        following = [mark.sample - begin for mark in marks if mark is not self._first]
        before, after = chunk.samples[:sentence], chunk.samples[sentence:]
        if not following:
            return joined(before, trimmer.trim(after))
        length = min(following) - sentence
        return joined(before, trimmer.trim(after[:length]), trimmer.finish(), after[length:])

    def _moved(self, chunk: AudioChunk, samples: Samples, removed: int) -> AudioChunk:
        """The chunk with these samples, and its marks moved by what was removed before them."""
        starts = (
            mark if mark is self._first else replace(mark, sample=mark.sample - removed) for mark in chunk.sentences
        )
        ends = (replace(mark, sample=mark.sample - removed) for mark in chunk.ends)
        return replace(chunk, samples=samples, sentences=tuple(starts), ends=tuple(ends))

    def _with_waiting(self, chunk: AudioChunk) -> AudioChunk:
        if (earlier := self._waiting) is None:
            return chunk
        return replace(
            chunk,
            sentences=earlier.sentences + chunk.sentences,
            flags=earlier.flags + chunk.flags,
            ends=earlier.ends + chunk.ends,
        )


def _without_marks(chunk: AudioChunk) -> AudioChunk:
    return replace(chunk, samples=chunk.samples[:0], sentences=(), flags=(), ends=())
