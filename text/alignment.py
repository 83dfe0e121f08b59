"""Which part of the caller's text each normalised sentence came from.

Normalising rewrites words (`$5` is heard as `five dollars`), so the two texts are aligned word by word: most words
sound alike on both sides, and a boundary between sentences lies between the nearest words that do.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from unidecode import unidecode

from text.guard import LONGEST_WORD

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Every Han character is heard as a word of its own; other scripts write words as runs of letters.
_WORD = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]{{1,{LONGEST_WORD}}}")
_SPACE = re.compile(r"\s")
_HEARD_WORD = re.compile("[a-z0-9]+")
# Escaped where a character looks like another: quotation marks that open, full-width ! and ?.
_OPENING = "([{\u201c\u2018«¿¡"
_PUNCTUATION = re.compile(rf"\n|[^\s{re.escape(_OPENING)}]+")
_STRONG_END = re.compile("[!?。\uff01\uff1f\n]")
# A colon is heard as a full stop. Between digits neither is.
_END_BEFORE_SPACE = re.compile("[.:…]")

_LONGEST_GAP = 64
_SLACK = 2
_NEARBY = 16


class _Word(NamedTuple):
    sound: str
    start: int
    end: int


class _Match(NamedTuple):
    """The word at `heard` of the normalised sentences is the word at `written` of the caller's text."""

    heard: int
    written: int


def find_spans(text: str, sentences: Sequence[str]) -> list[tuple[int, int]]:
    """Span (start, end) in `text` of each of the normalised `sentences`, in linear time.

    Spans are in order, disjoint, not empty and trimmed; together they hold all of `text` but white space.
    `text` needs at least as many visible characters as there are sentences.
    """
    visible = [position for position, character in enumerate(text) if not character.isspace()]
    cuts = _cuts(text, sentences) if len(sentences) > 1 else []
    # Cuts behind the last word are all at the end. Each moves back as far as leaves those after it something to hold.
    ranks = [min(bisect_left(visible, cut), len(visible) - len(cuts) + index) for index, cut in enumerate(cuts)]
    return [(visible[first], visible[last - 1] + 1) for first, last in pairwise([0, *ranks, len(visible)])]


def _cuts(text: str, sentences: Sequence[str]) -> list[int]:
    """Where in `text` each sentence but the last ends."""
    words = _written_words(text)
    heard = [_HEARD_WORD.findall(sentence) for sentence in sentences]
    matches = _match([word for sentence in heard for word in sentence], [word.sound for word in words])
    boundaries = list(accumulate(len(sentence) for sentence in heard))[:-1]
    cuts = []
    gap = 0
    for boundary, sentence in zip(boundaries, sentences, strict=False):
        first, likeliest, last = _candidates(matches, boundary)
        # A sentence holds a word at least, but one word of digits may be heard as several sentences.
        first, last = max(first, gap + 1), min(last, len(words) - 1)
        gap = max(first, min(likeliest, last))
        if sentence[-1] in ".!?":
            gap = _nearest_sentence_end(text, words, gap, range(first, last + 1))
        cuts.append(_cut_in_gap(text, words, gap))
    return cuts


def _written_words(text: str) -> list[_Word]:
    words = (_Word(_sound(match[0]), match.start(), match.end()) for match in _WORD.finditer(text))
    return [word for word in words if word.sound]


def _sound(word: str) -> str:
    if word.isascii():
        return word.lower()
    return "".join(_HEARD_WORD.findall(unidecode(word).lower()))


def _match(heard: Sequence[str], written: Sequence[str]) -> list[_Match]:
    """Greedy alignment, both indices rising, between a match before the first word and one after the last.

    The window in which a match is sought grows with the words that found none since the last one.
    """
    positions: dict[str, list[int]] = {}
    for position, sound in enumerate(written):
        positions.setdefault(sound, []).append(position)
    matches = [_Match(-1, -1)]
    for index, sound in enumerate(heard):
        last = matches[-1]
        expected = last.written + 1
        candidates = positions.get(sound, [])
        rank = bisect_left(candidates, expected)
        if rank == len(candidates):
            continue
        found = candidates[rank]
        skipped, missed = found - expected, index - last.heard - 1
        if skipped > missed + _SLACK:
            continue
        if skipped == 0 or _is_telling(heard[index : index + 2], written[found : found + 2]):
            matches.append(_Match(index, found))
    return [*matches, _Match(len(heard), len(written))]


def _is_telling(heard: Sequence[str], written: Sequence[str]) -> bool:
    """Whether a word that skips others is the same one, not merely a frequent one: it is long or its follower fits."""
    return len(heard[0]) > 3 or len(written) == 1 or heard[1:] == written[1:]


def _candidates(matches: Sequence[_Match], boundary: int) -> tuple[int, int, int]:
    """First, likeliest and last word of the text that may begin the sentence whose first heard word is `boundary`."""
    right = bisect_left(matches, boundary, key=lambda match: match.heard)
    before, after = matches[right - 1], matches[right]
    first, last = before.written + 1, after.written
    share = (boundary - before.heard - 1) / max(1, after.heard - before.heard - 1)
    return first, first + round(share * (last - first)), last


def _nearest_sentence_end(text: str, words: Sequence[_Word], likeliest: int, gaps: range) -> int:
    """Of the `gaps` near the likeliest one, each named after the word behind it, one that ends a sentence, if any."""
    nearby = range(max(gaps.start, likeliest - _NEARBY), min(gaps.stop, likeliest + _NEARBY + 1))
    for gap in sorted(nearby, key=lambda gap: abs(gap - likeliest)):
        if _sentence_end(text, *_gap_bounds(text, words, gap)) is not None:
            return gap
    return likeliest


def _cut_in_gap(text: str, words: Sequence[_Word], gap: int) -> int:
    """Closing punctuation stays with the sentence before, opening punctuation goes with the one after."""
    start, end = _gap_bounds(text, words, gap)
    sentence_end = _sentence_end(text, start, end)
    if sentence_end is not None:
        return sentence_end
    space = _SPACE.search(text, start, end)
    return space.start() if space else end


def _gap_bounds(text: str, words: Sequence[_Word], gap: int) -> tuple[int, int]:
    """What stands before the word `gap`; of a long gap only the beginning, which keeps the search linear."""
    start = words[gap - 1].end if gap <= len(words) else len(text)
    end = words[gap].start if gap < len(words) else len(text)
    return start, min(end, start + _LONGEST_GAP)


def _sentence_end(text: str, start: int, end: int) -> int | None:
    """Where the first punctuation in `text[start:end]` that ends a sentence stops, marks that close quotes included."""
    for marks in _PUNCTUATION.finditer(text, start, end):
        if _STRONG_END.search(marks[0]):
            return marks.end()
        if _END_BEFORE_SPACE.search(marks[0]) and text[marks.end() : end][:1].isspace():
            return marks.end()
    return None
