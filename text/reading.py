"""What is written becomes what is said: all stages, from the caller's text to prose as the model reads it."""

from dataclasses import dataclass

from text import lexicon
from text.aligned_text import AlignedText
from text.normalization import bounded, normalize
from text.options import ReadingOptions
from text.structure.characters import plain_characters
from text.structure.segments import Segment, segments
from text.verbalization.rules import FIRST, RULES
from text.verbalization.tagger import Tag, verbalize


@dataclass(frozen=True)
class Passage:
    """A part of a text between two pauses, as the model reads it; may be empty."""

    text: AlignedText
    tags: tuple[Tag, ...]
    pause_before: float
    pause_after: float


def read(source: str, options: ReadingOptions) -> list[Passage]:
    """Return the passages of a text. Takes time linear in its length.

    Raises:
        InvalidText: A pause is too long.
    """
    parts = [_as_it_stands(source)] if options.plain else segments(source)
    return [_read_segment(part, options) for part in parts]


def _as_it_stands(source: str) -> Segment:
    return Segment(plain_characters(AlignedText.of(source)), 0.0, 0.0)


def _read_segment(segment: Segment, options: ReadingOptions) -> Passage:
    tags: list[Tag] = []
    text = segment.text
    if not options.plain:
        text = lexicon.apply(text, options.lexicon)
        text = verbalize(text, FIRST, tags)
        text = verbalize(bounded(text), RULES, tags)
    return Passage(normalize(text), tuple(tags), segment.pause_before, segment.pause_after)
