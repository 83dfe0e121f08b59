"""Sentences of everyday English for the evaluation; no voice is trained on them."""

from pathlib import Path

FILE = Path(__file__).with_name("held_out.txt")
"""One sentence of 5 to 20 words in each line; the recogniser knows all the words."""


def held_out_sentences(number: int | None = None) -> list[str]:
    """Return all of them, or `number` of them, evenly spaced over the list."""
    sentences = FILE.read_text(encoding="utf-8").splitlines()
    if number is None:
        return sentences
    return [sentences[index * len(sentences) // number] for index in range(min(number, len(sentences)))]
