"""Segments: turns a text with mark-up into plain text and pauses."""

import re
from dataclasses import dataclass, replace

from text.aligned_text import AlignedText
from text.structure.characters import plain_characters, without_escaped_line_ends
from text.structure.drawings import without_drawings, without_ornaments
from text.structure.emoji import without_emoji
from text.structure.latex import formulas_in_words
from text.structure.lines import joined_lines
from text.structure.links import without_links
from text.structure.markdown import without_markdown
from text.structure.markers import PAUSES, seconds
from text.structure.tables import tables_in_lines
from text.structure.tags import without_tags

_PAUSE = re.compile(f"[{PAUSES}]")
_SPOKEN = re.compile(r"[^\s.,;:!?'\"()\[\]{}_-]")
# The punctuation of what was said before a pause: `Wait[pause:1s], what`.
_LATE_STOP = re.compile(r"\A[.,;:!?]+\s+")
_SILENT_LINE = re.compile(r"(?<![^\n])[ .,;:!?'\"()\[\]{}_*>|-]+(?:\n|\Z)")


@dataclass(frozen=True)
class Segment:
    """A part of a text between two pauses that its caller asked for."""

    text: AlignedText
    """Plain text; `\\n` ends a line that stands alone. It has no other line ends, nor space around it."""
    pause_before: float = 0.0
    """Seconds of silence before it; of the first segment and of those after a pause."""
    pause_after: float = 0.0
    """Seconds of silence after it, only of the last segment."""


def segments(source: str) -> list[Segment]:
    """Return the segments of a text, without mark-up; none if it has nothing that can be read.

    Takes time linear in the length of the text.

    Raises:
        InvalidText: A pause is, or all together are, too long.
    """
    text = plain_characters(AlignedText.of(source))
    text = without_escaped_line_ends(formulas_in_words(text))
    text = without_drawings(without_emoji(without_tags(text)))
    text = without_markdown(without_links(tables_in_lines(text)))
    return _segments(without_ornaments(text))


def _segments(text: AlignedText) -> list[Segment]:
    """Split at pauses. A pause beside another, or beside what is not read, is added to it."""
    found: list[Segment] = []
    position, waiting = 0, 0.0
    for match in _PAUSE.finditer(text.text):
        waiting = _add(found, text.slice(position, match.start()), waiting) + seconds(match[0])
        position = match.end()
    waiting = _add(found, text.slice(position), waiting)
    if found and waiting:
        found[-1] = replace(found[-1], pause_after=waiting)
    return found


def _add(found: list[Segment], part: AlignedText, pause: float) -> float:
    """Add a segment after a pause; return the pause if there is nothing to read in it, and else 0."""
    plain = joined_lines(part).sub(_SILENT_LINE, "").strip()
    if found:
        plain = plain.sub(_LATE_STOP, "")
    if not _SPOKEN.search(plain.text):
        return pause
    found.append(Segment(plain, pause_before=pause))
    return 0.0
