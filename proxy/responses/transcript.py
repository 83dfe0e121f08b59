"""The time of each sentence in a clip, with the sentence as it stands in the request."""

from typing import Protocol

from proxy.api_types import TimedSentence
from proxy.synthesis.interface import AudioChunk, SentenceEnd, SentenceStart


class ClipText(Protocol):
    """The text of a clip, a string or one that is still being written."""

    def __len__(self) -> int: ...

    def __getitem__(self, span: slice, /) -> str: ...


class Transcript:
    """Collects the sentences of a clip of `text`, spoken at `speed`, chunk by chunk."""

    def __init__(self, text: ClipText, speed: float = 1.0) -> None:
        self._text = text
        self._speed = speed
        self._rate = 0
        self._samples = 0
        self._open: SentenceStart | None = None

    @property
    def characters(self) -> int:
        """The length of the text, in code points."""
        return len(self._text)

    @property
    def seconds(self) -> float:
        """The length of the audio so far, at this speed."""
        return self._time(self._samples)

    def add(self, chunk: AudioChunk) -> list[TimedSentence]:
        """Add the next chunk; return the sentences that it shows to be complete."""
        self._rate = chunk.rate
        self._samples += len(chunk.samples)
        marks: list[SentenceStart | SentenceEnd] = [*chunk.ends, *chunk.sentences]
        marks.sort(key=lambda mark: mark.sample)
        return [sentence for mark in marks for sentence in self._take(mark)]

    def finish(self) -> list[TimedSentence]:
        """Return the last sentence, which ends with the clip."""
        complete = self._complete(self._samples)
        self._open = None
        return complete

    def _take(self, mark: SentenceStart | SentenceEnd) -> list[TimedSentence]:
        complete = self._complete(mark.sample)
        self._open = mark if isinstance(mark, SentenceStart) else None
        return complete

    def _complete(self, end: int) -> list[TimedSentence]:
        if self._open is None:
            return []
        begun = self._open
        words = self._text[begun.start : begun.end]
        return [
            TimedSentence(
                index=begun.index,
                text=words,
                spoken=begun.spoken,
                text_start=begun.start,
                text_end=begun.end,
                start=self._time(begun.sample),
                end=self._time(end),
            )
        ]

    def _time(self, sample: int) -> float:
        return sample / self._rate / self._speed if self._rate else 0.0
