"""How much of a text was understood: the word error rate."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from text.sentences import split_sentences

_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True)
class WordErrors:
    """Words that were left out, put in or misheard, of so many that were to be said."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """Errors a word; more than 1 where more was put in than said. Raises `ZeroDivisionError` without words."""
        return self.errors / self.words

    @classmethod
    def of(cls, said: Sequence[str], heard: Sequence[str]) -> Self:
        """Compare."""
        return cls(_distance(said, heard), len(said))

    @classmethod
    def total(cls, counts: Iterable[Self]) -> Self:
        """Add up."""
        listed = list(counts)
        return cls(sum(each.errors for each in listed), sum(each.words for each in listed))


def spoken_words(text: str) -> list[str]:
    """Return the words of a text as they are said: numbers spelled out, abbreviations too, all in lower case.

    Raises `InvalidText` as `split_sentences` does.
    """
    return [word for sentence in split_sentences(text) for word in _WORD.findall(sentence.text)]


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's, over words."""
    # distances[j]: from the words of `said` so far to the first j words of `heard`
    distances = list(range(len(heard) + 1))
    for word in said:
        diagonal, distances[0] = distances[0], distances[0] + 1
        for index, other in enumerate(heard, start=1):
            best = min(diagonal + (word != other), distances[index] + 1, distances[index - 1] + 1)
            diagonal, distances[index] = distances[index], best
    return distances[-1]
