"""The word error rate of recognised speech, and phrases that are spoken twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

from text.errors import InvalidText
from text.sentences import split_sentences

# Whisper's own, without its table of British spellings, which the package lacks.
_normalise: Callable[[str], str] = EnglishTextNormalizer({})  # type: ignore[no-untyped-call]
_PHRASE = 3  # words


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


def comparable_words(text: str) -> list[str]:
    """Return the words of a text, written or recognised, in one spelling: "$5" and "five dollars" are the same.

    The text is read as the engine reads it, and then Whisper's normaliser writes numbers in figures. None for a text
    without words.
    """
    try:
        read = " ".join(sentence.text for sentence in split_sentences(text))
    except InvalidText:
        return []
    return _normalise(read).split()


def repeats(said: Sequence[str], recognised: Sequence[str]) -> bool:
    """Whether a phrase of three words (of all words, if the text is shorter) is heard again that the text has once."""
    size = min(_PHRASE, len(said))
    allowed = _phrases(said, size)
    return any(count > max(1, allowed[phrase]) for phrase, count in _phrases(recognised, size).items())


def _phrases(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))


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
