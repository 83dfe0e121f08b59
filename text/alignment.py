"""Finds the span of the caller's text that each normalised sentence came from.

Normalisation rewrites words (`$5` becomes `five dollars`), so the two texts are aligned word by word. Most words sound
alike in both texts; a sentence boundary is placed between the nearest words that do.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from unidecode import unidecode

from text.normalization import LONGEST_WORD

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Each Han character is spoken as a separate word; in other scripts a word is a run of letters.
_WORD = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]{{1,{LONGEST_WORD}}}")
_SPACE = re.compile(r"\s")
_SPOKEN_WORD = re.compile("[a-z0-9]+")
# Characters that are easily confused are escaped: opening quotation marks, full-width ! and ?.
_OPENING = "([{\u201c\u2018«¿¡"
_PUNCTUATION = re.compile(rf"\n|[^\s{re.escape(_OPENING)}]+")
_STRONG_END = re.compile("[!?。\uff01\uff1f\n]")
# Normalisation turns a colon into a full stop. Neither ends a sentence between digits.
_END_BEFORE_SPACE = re.compile("[.:…]")

_LONGEST_GAP = 64
_SLACK = 2
_NEARBY = 16


class _Word(NamedTuple):
    sound: str
    start: int
    end: int


class _Match(NamedTuple):
    """Word number `spoken` of the normalised sentences matches word number `written` of the caller's text."""

    spoken: int
    written: int


def find_spans(text: str, sentences: Sequence[str]) -> list[tuple[int, int]]:
    """Return the span (start, end) in `text` of each of the normalised `sentences`, in linear time.

    The spans are in order, disjoint, not empty and trimmed; together they cover all of `text` except white space.
    `text` must have at least as many visible characters as there are sentences.
    """
    visible = [position for position, character in enumerate(text) if not character.isspace()]
    cuts = _cuts(text, sentences) if len(sentences) > 1 else []
    # Several cuts may be at the end of the text. Move each back so far that every later sentence keeps one character.
    ranks = [min(bisect_left(visible, cut), len(visible) - len(cuts) + index) for index, cut in enumerate(cuts)]
    return [(visible[first], visible[last - 1] + 1) for first, last in pairwise([0, *ranks, len(visible)])]


def _cuts(text: str, sentences: Sequence[str]) -> list[int]:
    """Return where in `text` each sentence except the last ends."""
    words = _written_words(text)
    spoken = [_SPOKEN_WORD.findall(sentence) for sentence in sentences]
    matches = _match([word for sentence in spoken for word in sentence], [word.sound for word in words])
    boundaries = list(accumulate(len(sentence) for sentence in spoken))[:-1]
    cuts = []
    gap = 0
    for boundary, sentence in zip(boundaries, sentences, strict=False):
        first, likeliest, last = _candidates(matches, boundary)
        # A sentence has at least one word, but one word of digits may be spoken as several sentences.
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
    return "".join(_SPOKEN_WORD.findall(unidecode(word).lower()))


def _match(spoken: Sequence[str], written: Sequence[str]) -> list[_Match]:
    """Align the words greedily; both indices rise. The result starts and ends with a sentinel match.

    The search window grows with the number of words since the last match.
    """
    positions: dict[str, list[int]] = {}
    for position, sound in enumerate(written):
        positions.setdefault(sound, []).append(position)
    matches = [_Match(-1, -1)]
    for index, sound in enumerate(spoken):
        last = matches[-1]
        expected = last.written + 1
        candidates = positions.get(sound, [])
        rank = bisect_left(candidates, expected)
        if rank == len(candidates):
            continue
        found = candidates[rank]
        skipped, missed = found - expected, index - last.spoken - 1
        if skipped > missed + _SLACK:
            continue
        if skipped == 0 or _is_significant(spoken[index : index + 2], written[found : found + 2]):
            matches.append(_Match(index, found))
    return [*matches, _Match(len(spoken), len(written))]


def _is_significant(spoken: Sequence[str], written: Sequence[str]) -> bool:
    """Whether a match that skips words is significant: the word is long, or the next words match too."""
    return len(spoken[0]) > 3 or len(written) == 1 or spoken[1:] == written[1:]


def _candidates(matches: Sequence[_Match], boundary: int) -> tuple[int, int, int]:
    """Return the first, likeliest and last written word that may match the spoken word `boundary`."""
    right = bisect_left(matches, boundary, key=lambda match: match.spoken)
    before, after = matches[right - 1], matches[right]
    first, last = before.written + 1, after.written
    share = (boundary - before.spoken - 1) / max(1, after.spoken - before.spoken - 1)
    return first, first + round(share * (last - first)), last


def _nearest_sentence_end(text: str, words: Sequence[_Word], likeliest: int, gaps: range) -> int:
    """Return the gap nearest to the likeliest one that ends a sentence, else the likeliest; gap i precedes word i."""
    nearby = range(max(gaps.start, likeliest - _NEARBY), min(gaps.stop, likeliest + _NEARBY + 1))
    for gap in sorted(nearby, key=lambda gap: abs(gap - likeliest)):
        if _sentence_end(text, *_gap_bounds(text, words, gap)) is not None:
            return gap
    return likeliest


def _cut_in_gap(text: str, words: Sequence[_Word], gap: int) -> int:
    """Return where to cut: after closing punctuation and before opening punctuation."""
    start, end = _gap_bounds(text, words, gap)
    sentence_end = _sentence_end(text, start, end)
    if sentence_end is not None:
        return sentence_end
    space = _SPACE.search(text, start, end)
    return space.start() if space else end


def _gap_bounds(text: str, words: Sequence[_Word], gap: int) -> tuple[int, int]:
    """Return the span before word `gap`, at most `_LONGEST_GAP` characters, which keeps the search linear."""
    start = words[gap - 1].end if gap <= len(words) else len(text)
    end = words[gap].start if gap < len(words) else len(text)
    return start, min(end, start + _LONGEST_GAP)


def _sentence_end(text: str, start: int, end: int) -> int | None:
    """Return the end of the first punctuation in `text[start:end]` that ends a sentence, closing quotes included."""
    for marks in _PUNCTUATION.finditer(text, start, end):
        if _STRONG_END.search(marks[0]):
            return marks.end()
        if _END_BEFORE_SPACE.search(marks[0]) and text[marks.end() : end][:1].isspace():
            return marks.end()
    return None
