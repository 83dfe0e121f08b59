"""Texts whose sentences ask for pauses."""

from collections.abc import Mapping
from dataclasses import replace

from engine.speech import SAMPLE_RATE
from text.options import ReadingOptions
from text.preparation import PreparedSentence, prepare
from text.tokenizer import Tokenizer

SENTENCES = (
    "This is the first of three sentences that are spoken.",
    "This is the second of them, and it is a little longer.",
    "And this is the last of the three, and the text ends here.",
)
TEXT = " ".join(SENTENCES)


def samples(seconds: float) -> int:
    """Return the samples of a pause."""
    return round(seconds * SAMPLE_RATE)


def with_pauses(sentences: list[PreparedSentence], pauses: Mapping[int, float]) -> list[PreparedSentence]:
    """Return the sentences with seconds of silence before those with these indices, or after the last."""
    last = len(sentences) - 1
    return [
        replace(
            each,
            sentence=replace(
                each.sentence,
                pause_before=pauses.get(index, 0.0),
                pause_after=pauses.get(index + 1, 0.0) if index == last else 0.0,
            ),
        )
        for index, each in enumerate(sentences)
    ]


class Preparation:
    """Prepares texts with `pauses`, as the engine's own text preparation does for tags."""

    def __init__(self) -> None:
        self.pauses: Mapping[int, float] = {}

    def __call__(
        self, text: str, tokenizer: Tokenizer, max_characters: int, options: ReadingOptions
    ) -> list[PreparedSentence]:
        return with_pauses(prepare(text, tokenizer, max_characters, options), self.pauses)
