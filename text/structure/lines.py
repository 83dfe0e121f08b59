"""Lines: joins the lines that were only wrapped, and keeps apart those that stand alone.

A title, a line of a poem, an address or a signature stands alone; a paragraph's line goes on in the next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from typing import Literal

from text.aligned_text import AlignedText, Edit
from text.structure.markers import LINE_END

NARROWEST, WIDEST = 45, 100
"""Characters of the lines of a paragraph that was wrapped at a fixed width."""

_LONGEST_WORD = 60
_LONGEST_ITEM = 40
_GAP = re.compile(rf"(?<![ \n{LINE_END}])[ \n{LINE_END}]+")
_OPENING = re.compile(r"""["'(\[]{1,3}""")
_WORD = re.compile(r"\w")
_ENUMERATOR = re.compile(r"\(?(?:[a-z]|[ivx]{1,4})[.)] ")
_LAST_WORD = re.compile(r"(?<![A-Za-z'-])[A-Za-z']+\Z")
_BROKEN_WORD = re.compile(r"(?<![A-Za-z.-])([A-Za-z]{2,})-\Z")

# fmt: off
_GOES_ON = frozenset({
    "a", "an", "the", "this", "these", "those", "my", "your", "his", "her", "its", "our", "their", "and", "or",
    "but", "nor", "so", "yet", "of", "to", "in", "on", "at", "by", "for", "from", "with", "into", "onto", "upon",
    "about", "over", "under", "between", "through", "during", "without", "within", "than", "as", "if", "when",
    "while", "because", "although", "though", "that", "which", "who", "whose", "whom", "where", "is", "are", "was",
    "were", "be", "been", "am", "has", "have", "had", "do", "does", "did", "will", "would", "can", "could", "shall",
    "should", "may", "might", "must", "not", "very", "more", "most", "some", "any", "no", "each", "every", "such",
    "both", "either", "neither",
})
# fmt: on
"""Words with which no line ends that stands alone."""
# fmt: off
_PARTS = frozenset({
    "all", "anti", "co", "cross", "ex", "full", "half", "high", "ill", "long", "low", "mid", "multi", "non", "off",
    "one", "over", "post", "pre", "quasi", "re", "self", "semi", "short", "sub", "two", "un", "well",
})
# fmt: on
"""First parts of words that keep their hyphen at a line's end."""


def joined_lines(text: AlignedText) -> AlignedText:
    """Return the text with `\\n` only where a line stands alone, and single spaces."""
    return text.edited(_edits(text.text)).strip()


def _edits(text: str) -> Iterator[Edit]:
    """Yield what takes the place of each line end and of several spaces."""
    paragraph = _Paragraph(text)
    for gap in _GAP.finditer(text):
        line_ends = gap[0].count("\n")
        if LINE_END in gap[0] or line_ends > 1:
            yield from paragraph.edits(gap.start())
            yield *gap.span(), "\n"
            paragraph = _Paragraph(text, gap.end())
        elif line_ends:
            paragraph.gaps.append(gap.span())
        elif len(gap[0]) > 1:
            paragraph.spaces.append(gap.span())
    yield from paragraph.edits(len(text))


@dataclass
class _Paragraph:
    """Lines between which nothing but a single line end stands."""

    text: str
    start: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Where the line ends are, with the spaces around them."""
    spaces: list[tuple[int, int]] = field(default_factory=list)
    """Where there are several spaces in a line."""

    def edits(self, end: int) -> Iterator[Edit]:
        """Yield the edits of a paragraph that ends at `end`, in order."""
        spaces = [(*span, " ") for span in self.spaces]
        return merge(spaces, self._line_ends(end)) if self.gaps else iter(spaces)

    def _line_ends(self, end: int) -> Iterator[Edit]:
        starts = [self.start, *(gap_end for _, gap_end in self.gaps)]
        ends = [*(gap_start for gap_start, _ in self.gaps), end]
        lines = [self.text[start:stop] for start, stop in zip(starts, ends, strict=True)]
        is_filled, is_list = _is_filled(lines), _is_list(lines) or _is_verse(lines)
        for (start, stop), (line, following) in zip(self.gaps, pairwise(lines), strict=True):
            if not is_list and (broken := _broken_word(line, following)):
                yield start - (broken == "joined"), stop, ""
            elif not is_list and (is_filled or _goes_on(line, following)):
                yield start, stop, " "
            else:
                yield start, stop, "\n"


def _goes_on(line: str, following: str) -> bool:
    """Tell whether a line goes on in the one that follows."""
    if not _WORD.search(line):
        return False
    if line.endswith((",", ";", "\u2014", "\u2013", " -", "--", "&")) or _begins_small(following):
        return True
    found = _LAST_WORD.search(line[-_LONGEST_WORD:])
    word = found[0] if found else ""
    # `Do` with a capital ends a title as well, in a line of capitals it does not.
    return word in _GOES_ON or (word.lower() in _GOES_ON and line.isupper())


def _begins_small(line: str) -> bool:
    if _ENUMERATOR.match(line):
        return False
    opening = _OPENING.match(line)
    start = opening.end() if opening else 0
    # `iPhone` begins with a small letter, but not as a sentence goes on.
    return line[start : start + 1].islower() and not line[start + 1 : start + 2].isupper()


def _broken_word(line: str, following: str) -> Literal["", "joined", "hyphenated"]:
    """Tell whether a word is broken at the line's end, and whether it has a hyphen in one line too."""
    if not line.endswith("-") or line[-2:-1] in " -":
        return ""
    if line[-2:-1].isdecimal() and following[:1].isdecimal():
        return "hyphenated"
    second = following[:_LONGEST_WORD].partition(" ")[0]
    if not second[:2].islower() or second in ("and", "or", "to"):
        return ""
    first = _BROKEN_WORD.search(line[-_LONGEST_WORD:])
    return "joined" if first and first[1].lower() not in _PARTS else "hyphenated"


def _is_filled(lines: list[str]) -> bool:
    """Tell whether lines were wrapped at a fixed width: no next word would have fitted, and a sentence goes on."""
    width = max(map(len, lines[:-1]))
    if len(lines) < 3 or not NARROWEST <= width <= WIDEST:
        return False
    if not any(map(_begins_small, lines[1:])):
        return False
    return all(len(line) + 1 + len(following.partition(" ")[0]) > width for line, following in pairwise(lines))


def _is_list(lines: list[str]) -> bool:
    """Tell whether lines are the items of a list without marks: three or more, of at most three words each."""
    first, *items = lines
    if len(lines) < 3 or any(len(line) > _LONGEST_ITEM for line in lines):
        return False
    words = [line.split() for line in items]
    if not all(words) or not (first.endswith(":") or _is_item(first.split())):
        return False
    return all(map(_is_item, words))


def _is_verse(lines: list[str]) -> bool:
    """Tell whether lines are verse or messages without capitals: all are short, and none ends where none can."""
    if len(lines) < 3 or any(len(line) >= NARROWEST or not line[:1].islower() for line in lines):
        return False
    last_words = (line.rpartition(" ")[2].lower() for line in lines[:-1])
    return not any(word in _GOES_ON or word.endswith("-") for word in last_words)


def _is_item(words: list[str]) -> bool:
    if not 1 <= len(words) <= 3 or words[-1][-1] in ".,;:!?-":
        return False
    return words[0].lower() not in _GOES_ON and words[-1].lower() not in _GOES_ON
