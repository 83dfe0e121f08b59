"""Splits a caller's text into the sentences that the model speaks one by one."""

import re
from dataclasses import dataclass

from text.alignment import find_spans
from text.errors import InvalidText
from text.normalization import normalize
from text.upstream import text_splitter

MAX_CHARACTERS = 10_000
"""Characters of one text by default: about eleven minutes of speech."""

SPOKEN_PER_CHARACTER = 4
"""The limit of spoken characters for each character of `max_characters`.

Normalisation makes prose 1.1 times as long, prose full of prices 2.9 times, lists of phone numbers 3.8 times, and lists
of bare numbers or prices up to 6.1 times. Other texts become up to 13 times as long.
"""

LONGEST_SENTENCE = 330
"""Characters of a sentence: the splitter's limit of 300, and one short sentence that is merged into it."""

_SHORT = 30
_SPEAKABLE = re.compile("[a-z0-9]")
_SPOKEN_PER_MINUTE = 900


@dataclass(frozen=True)
class Sentence:
    """One prompt for the model.

    `text` is normalised: `[a-z0-9]` and punctuation, at most `LONGEST_SENTENCE` characters. `start` and `end` are its
    span in the caller's text, in code points; the end is exclusive.
    """

    text: str
    start: int
    end: int
    pause_before: float = 0.0
    """Seconds of silence that the caller asked for before the sentence."""
    pause_after: float = 0.0
    """Seconds of silence after it, only of a text's last sentence."""


def split_sentences(
    text: str, *, max_characters: int = MAX_CHARACTERS, max_spoken: int | None = None
) -> list[Sentence]:
    """Normalise `text` and split it as upstream's `SopranoTTS` does; at least one sentence.

    The spans are in order, do not overlap, and begin and end with characters other than white space. Takes time linear
    in the length of the text.

    Args:
        text: The caller's text.
        max_characters: The limit of the length of `text`.
        max_spoken: The limit of characters of all normalised sentences together, which determines the cost: a number
            of 36 digits becomes 400 characters. By default, `SPOKEN_PER_CHARACTER` times `max_characters`.

    Raises:
        InvalidText: `text` is empty, longer than `max_characters`, longer than `max_spoken` after normalisation, or has
            nothing that can be spoken.
    """
    _check_length(text, max_characters)
    merged = _merge_short(text_splitter.split_and_recombine_text(normalize(text)))
    speakable = [sentence for sentence in merged if _SPEAKABLE.search(sentence)]
    if not speakable:
        raise InvalidText("The text holds nothing that can be spoken. Send at least one letter or digit.")
    _check_spoken(sum(map(len, speakable)), SPOKEN_PER_CHARACTER * max_characters if max_spoken is None else max_spoken)
    spans = find_spans(text, speakable)
    return [Sentence(sentence, start, end) for sentence, (start, end) in zip(speakable, spans, strict=True)]


def _check_length(text: str, max_characters: int) -> None:
    if len(text) > max_characters:
        raise InvalidText(
            f"The text has {len(text)} characters; at most {max_characters} are allowed. Send it in several requests."
        )
    if not text or text.isspace():
        raise InvalidText("The text is empty. Send at least one word.")


def _check_spoken(characters: int, max_spoken: int) -> None:
    if characters > max_spoken:
        raise InvalidText(
            f"Read aloud, the text has {characters} characters, about {round(characters / _SPOKEN_PER_MINUTE)} minutes;"
            f" at most {max_spoken} are allowed. Numbers and symbols are read as words: leave out those that need not"
            " be heard, or send the text in several requests."
        )


def _merge_short(sentences: list[str]) -> list[str]:
    """Merge sentences under 30 characters, which the model speaks badly, with the previous or else the next sentence.

    This is upstream's rule with a limit added: no merged sentence is longer than `LONGEST_SENTENCE`.
    """
    merged: list[str] = []
    pending = ""
    for sentence in sentences:
        joined = f"{pending} {sentence}" if pending else sentence
        pending = ""
        if len(joined) >= _SHORT:
            merged.append(joined)
        elif merged and len(merged[-1]) + 1 + len(joined) <= LONGEST_SENTENCE:
            merged[-1] += f" {joined}"
        else:
            pending = joined
    return [*merged, pending] if pending else merged
