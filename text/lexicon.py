"""A lexicon: words, and what is read in their place."""

import re
import unicodedata
from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from text.aligned_text import AlignedText
from text.errors import InvalidLexicon

Lexicon = tuple[tuple[str, str], ...]
"""Pairs of a word, or several, and what is read in their place; an earlier pair goes before a later one."""

MAX_ENTRIES = 500
"""The limit of entries of a request's lexicon."""

LONGEST_ENTRY = 100
"""The limit of characters of a word, and of what is read in its place."""

_LINE_END = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNIT = re.compile(r"\w+|[^\w\s]")
# Quotes and hyphens, as a text has them when its mark-up has been read.
_ORDINARY = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2212", "''\"\"---")
_KEPT = 16  # lexicons that are not indexed again when they are used again


def check_lexicon(entries: Mapping[str, object]) -> Lexicon:
    """Return the entries of a request's lexicon. Raises `InvalidLexicon`."""
    if len(entries) > MAX_ENTRIES:
        raise InvalidLexicon(f"the lexicon has {len(entries)} entries; at most {MAX_ENTRIES} are allowed")
    return tuple(check_entry(word, respelling) for word, respelling in entries.items())


def check_entry(word: str, respelling: object) -> tuple[str, str]:
    """Return an entry. Raises `InvalidLexicon`, which names its word."""
    if not isinstance(respelling, str):
        raise InvalidLexicon(f"the respelling of {_shown(word)} must be a string")
    for what, text in ((f"the word {_shown(word)}", word), (f"the respelling of {_shown(word)}", respelling)):
        if not 1 <= len(text) <= LONGEST_ENTRY:
            raise InvalidLexicon(f"{what} has {len(text)} characters; 1 to {LONGEST_ENTRY} are allowed")
        if _LINE_END.search(text):
            raise InvalidLexicon(f"{what} has a line end")
    if not any(map(str.isalnum, word)):
        raise InvalidLexicon(f"the word {_shown(word)} has no letter and no digit")
    if respelling.isspace():
        raise InvalidLexicon(f"the respelling of {_shown(word)} is blank")
    return word, respelling


def apply(text: AlignedText, lexicon: Lexicon) -> AlignedText:
    """Replace the words of `text` that the lexicon has, in time linear in the text's length.

    Only whole words are replaced. An entry in lower case stands for the word in any case, another one for exactly what
    it says. Of several entries that fit at one place, the longest is taken, and of equal ones the first. What is
    written is not replaced again.
    """
    if not lexicon:
        return text
    parts: list[AlignedText] = []
    position = 0
    for start, end, respelling in _index(lexicon).find(text.text):
        parts += (text.slice(position, start), text.replaced(start, end, respelling))
        position = end
    return AlignedText.join([*parts, text.slice(position)]) if parts else text


class _Entries:
    """The entries that begin with the same unit, by their length."""

    def __init__(self) -> None:
        self.lengths: list[int] = []  # descending
        self._exact: dict[str, tuple[int, str]] = {}
        self._any_case: dict[str, tuple[int, str]] = {}

    def add(self, order: int, word: str, respelling: str) -> None:
        entries = self._any_case if word == word.lower() else self._exact
        entries.setdefault(word, (order, respelling))
        if len(word) not in self.lengths:
            insort(self.lengths, len(word), key=lambda length: -length)

    def respelling(self, word: str, folded: str) -> str | None:
        found = [entry for entry in (self._exact.get(word), self._any_case.get(folded)) if entry is not None]
        return min(found)[1] if found else None


class _Index:
    """Finds entries by the letters and digits, or by the sign, that they begin with: `node` of `node.js`.

    One alternation of all entries would take a hundred times as long, since it tries each of them at every word.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._entries: defaultdict[str, _Entries] = defaultdict(_Entries)
        for order, (word, respelling) in enumerate(lexicon):
            # A text may have its accents within letters or after them.
            for form in ("NFC", "NFD"):
                written = unicodedata.normalize(form, _ordinary(word))
                unit = _UNIT.match(_folded(written))
                if unit is not None:
                    self._entries[unit[0]].add(order, written, _ordinary(respelling))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield the start and the end of each word that an entry stands for, and its respelling, in order."""
        folded = _folded(text)
        position = 0
        for unit in _UNIT.finditer(folded):
            start = unit.start()
            entries = self._entries.get(unit[0])
            if entries is None or start < position or _is_word(text[start - 1 : start]):
                continue
            for end in (start + length for length in entries.lengths):
                respelling = entries.respelling(text[start:end], folded[start:end])
                if respelling is not None and not _is_word(text[end : end + 1]):
                    yield start, end, respelling
                    position = end
                    break


@lru_cache(_KEPT)
def _index(lexicon: Lexicon) -> _Index:
    return _Index(lexicon)


def _folded(text: str) -> str:
    """Return `text` in lower case, with as many characters as before."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _ordinary(text: str) -> str:
    return " ".join(text.translate(_ORDINARY).split())


def _is_word(character: str) -> bool:
    """Whether a character, or none at the text's ends, belongs to a word."""
    return character.isalnum() or character == "_" or unicodedata.category(character or " ").startswith("M")


def _shown(word: str) -> str:
    return repr(word if len(word) <= LONGEST_ENTRY else f"{word[:LONGEST_ENTRY]}…")
