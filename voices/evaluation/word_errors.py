"""The word error rate of recognised speech."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from text.sentences import split_sentences

_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True)
class WordErrors:
    """The number of words that were omitted, inserted or misheard, and the number of words in the text."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """Errors divided by words; above 1 if many were inserted. Raises `ZeroDivisionError` if there are no words."""
        return self.errors / self.words

    @classmethod
    def of(cls, said: Sequence[str], recognised: Sequence[str]) -> Self:
        """Compare the words of a text with the recognised words."""
        return cls(_distance(said, recognised), len(said))

    @classmethod
    def total(cls, counts: Iterable[Self]) -> Self:
        """Add up `counts`."""
        listed = list(counts)
        return cls(sum(each.errors for each in listed), sum(each.words for each in listed))


def spoken_words(text: str) -> list[str]:
    """Return the words of a text as they are spoken, in lower case, with numbers and abbreviations spelled out.

    Raises `InvalidText` as `split_sentences` does.
    """
    return [word for sentence in split_sentences(text) for word in _WORD.findall(sentence.text)]


def _distance(said: Sequence[str], recognised: Sequence[str]) -> int:
    """The Levenshtein distance, over words."""
    # distances[j]: from the words of `said` so far to the first j words of `recognised`
    distances = list(range(len(recognised) + 1))
    for word in said:
        diagonal, distances[0] = distances[0], distances[0] + 1
        for index, other in enumerate(recognised, start=1):
            best = min(diagonal + (word != other), distances[index] + 1, distances[index - 1] + 1)
            diagonal, distances[index] = distances[index], best
    return distances[-1]
