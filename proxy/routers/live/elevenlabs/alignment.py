"""When the characters of a text are spoken, in ElevenLabs' form.

The engine knows exactly when a sentence begins and ends, and nothing in between: the characters of a sentence are
spread evenly over its time.
"""

from itertools import pairwise
from typing import Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from proxy.api_types import TimedSentence


class Alignment(BaseModel):
    """Characters, and the start and duration of each in milliseconds."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)

    chars: list[str]
    char_start_times_ms: list[int]
    char_durations_ms: list[int]

    @classmethod
    def evenly(cls, text: str, start: float, end: float, origin: int) -> Self:
        """Spread `text` from `start` to `end`, in seconds; times count from `origin`, in milliseconds."""
        length = max(len(text), 1)
        edges = [round(1000 * (start + (end - start) * index / length)) - origin for index in range(len(text) + 1)]
        durations = [after - before for before, after in pairwise(edges)]
        return cls(chars=list(text), char_start_times_ms=edges[:-1], char_durations_ms=durations)


class AlignmentClock:
    """Aligns the sentences of a clip one by one.

    Times count from the beginning of the clip if they are `continuous`, and else from where the previous alignment
    ended, which clients add up.
    """

    def __init__(self, *, continuous: bool) -> None:
        self._continuous = continuous
        self._end = 0

    def align(self, sentence: TimedSentence) -> tuple[Alignment, Alignment]:
        """Return the alignments of a sentence as it is written, and as it is spoken."""
        origin = 0 if self._continuous else self._end
        self._end = round(1000 * sentence.end)
        written, spoken = (
            Alignment.evenly(_words(text), sentence.start, sentence.end, origin)
            for text in (sentence.text, sentence.spoken)
        )
        return written, spoken


def _words(text: str) -> str:
    """The words of a sentence with a space after each: by it clients know that a word is complete."""
    return "".join(f"{word} " for word in text.split())
