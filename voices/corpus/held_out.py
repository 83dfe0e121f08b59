"""Texts in English for the evaluation; no voice is trained on them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from text.sentences import split_sentences

FILE = Path(__file__).with_name("held_out.txt")
"""One everyday sentence of 5 to 20 words in each line."""

HARD_FILE = Path(__file__).with_name("hard.txt")
"""One text in each line, as people type them: numbers, dates, names, acronyms, questions, one word, 300 characters."""


def held_out_sentences(number: int | None = None) -> list[str]:
    """Return all of them, or `number` of them, evenly spaced over the list."""
    return _some(_lines(FILE), number)


def hard_texts(number: int | None = None) -> list[str]:
    """Return all of them, or `number` of them, evenly spaced over the list."""
    return _some(_lines(HARD_FILE), number)


def is_examined(sentence: str) -> bool:
    """Whether a sentence, as the engine hands it to the model, contains a held-out sentence or is one of a hard text.

    A hard text may be a single word, so other sentences may contain it. The mark at the end does not matter.
    """
    return _without_mark(sentence) in _spoken(HARD_FILE) or any(known in sentence for known in _spoken(FILE))


@cache
def _spoken(file: Path) -> frozenset[str]:
    """The sentences of a file, as the engine hands them to the model, without the marks at their ends."""
    return frozenset(_without_mark(sentence.text) for text in _lines(file) for sentence in split_sentences(text))


def _without_mark(sentence: str) -> str:
    return sentence.rstrip(".?!")


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _some(texts: Sequence[str], number: int | None) -> list[str]:
    taken = len(texts) if number is None else min(number, len(texts))
    return [texts[index * len(texts) // taken] for index in range(taken)]
