"""Texts in English for the evaluation; no voice is trained on them."""

from collections.abc import Sequence
from pathlib import Path

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


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _some(texts: Sequence[str], number: int | None) -> list[str]:
    taken = len(texts) if number is None else min(number, len(texts))
    return [texts[index * len(texts) // taken] for index in range(taken)]
