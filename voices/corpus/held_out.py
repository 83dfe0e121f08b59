"""Sentences of everyday English that no voice is taught to read, for its examination."""

from pathlib import Path

FILE = Path(__file__).with_name("held_out.txt")
"""One sentence a line, of 5 to 20 words, each of which the recogniser knows."""


def held_out_sentences(number: int | None = None) -> list[str]:
    """Return all of them, or `number` of them from the whole of the list."""
    sentences = FILE.read_text(encoding="utf-8").splitlines()
    if number is None:
        return sentences
    return [sentences[index * len(sentences) // number] for index in range(min(number, len(sentences)))]
