"""Characters: gives each character its plainest form, and takes out those that are not read.

Line ends become `\\n`, spaces ` `, quotation marks `'` and `"`, hyphens `-`; full-width and mathematical letters become
ASCII. Letters of other scripts, accents and symbols stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from text.aligned_text import AlignedText, Edit

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_UNUSUAL = re.compile(r"[^\n -~]")

_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u00b4\uff07"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u2036«»‹›〈〉《》\u2329\u232a「」『』〝〞〟\uff02"
_HYPHENS = "\u2010\u2011\u2012\u2212\ufe58\ufe63\uff0d"
_DASHES = "\u2015\u2e3a\u2e3b\ufe31\ufe32"
_BULLETS = "\u2023\u2043\u204c\u204d\u2219\u22c5\u30fb"
_PLAIN = {
    **dict.fromkeys(_SINGLE_QUOTES, "'"),
    **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    **dict.fromkeys(_HYPHENS, "-"),
    **dict.fromkeys(_DASHES, "—"),
    **dict.fromkeys(_BULLETS, "•"),
}
# Between digits they are what parts hours and minutes, or thousands.
_WIDE_PUNCTUATION = re.compile('[，：；！？。、](?=[^\\s，：；！？。、」』）"”])(?:(?<!\\d.)|(?!\\d))')
# Combining marks that enclose a Cyrillic number, join nothing, or choose how the character before is drawn; and what
# takes the place of an object or of a damaged character.
_SILENT_MARKS = re.compile("[\u034f\u0488\u0489\u180b-\u180d\ufe00-\ufe0f\ufffc\ufffd\U000e0100-\U000e01ef]")
_CONTROL_SPACES = "\t\v\f\x1c\x1d\x1e\x1f"
_NOT_YET_NAMED = range(0x1F000, 0x1FB00)
"""Emoji; Python's Unicode may be older than the newest of them."""

# A word with `\n` in it, as badly escaped JSON has it.
_WORD = re.compile(r"(?<!\S)\S+")
_ESCAPED_LINE_END = re.compile(r"(?<!\\)(?:\\r)?\\n")
_PATH = re.compile(r"""["'(]*(?:[A-Za-z]:|\\\\|~|\.{1,2}\\|\$|%)|.*\\[a-mo-qs-z]""", re.DOTALL)
_PATH_WITH_SPACES = re.compile(r"(?<![A-Za-z])[A-Za-z]:\\[^\n\"']*\Z")
_LONGEST_PATH = 100
_LATEX_COMMAND = re.compile(
    r"\\n(?:abla|atural|e|eg|eq|eqq|ewcommand|ewline|geq|i|leq|mid|onumber|ot|otin|parallel|u)\b"
)


def plain_characters(text: AlignedText) -> AlignedText:
    """Return the text with plain line ends, spaces, quotes and hyphens and without characters that are not read."""
    return text.sub(_LINE_END, "\n").sub(_WIDE_PUNCTUATION, r"\g<0> ").sub(_UNUSUAL, lambda match: plain(match[0]))


@lru_cache(4096)
def plain(character: str) -> str:
    """Return what stands for a character: itself, another, several, or none."""
    if character in _PLAIN:
        return _PLAIN[character]
    category = unicodedata.category(character)
    if character in _CONTROL_SPACES or category in ("Zs", "Co"):
        return " "
    if _SILENT_MARKS.match(character) or category in ("Cc", "Cf", "Cs"):
        return ""
    if category == "Cn":
        return character if ord(character) in _NOT_YET_NAMED else ""
    if "\uff01" <= character <= "\uff5e" or "\U0001d400" <= character <= "\U0001d7ff":
        return unicodedata.normalize("NFKC", character)
    return character


def without_escaped_line_ends(text: AlignedText) -> AlignedText:
    """Make line ends of a backslash and `n`, but not in a path (`C:\\new`) or a LaTeX command (`\\neq`)."""
    return text.edited(_escaped_line_ends(text.text)) if r"\n" in text.text else text


def _escaped_line_ends(text: str) -> Iterator[Edit]:
    for word in _WORD.finditer(text):
        if r"\n" not in word[0] or _PATH.match(word[0]):
            continue
        if _PATH_WITH_SPACES.search(text[max(0, word.start() - _LONGEST_PATH) : word.start()]):
            continue
        for end in _ESCAPED_LINE_END.finditer(text, *word.span()):
            if not _LATEX_COMMAND.match(text, end.start()) or text[end.start() - 2 : end.start()].isalpha():
                yield *end.span(), "\n\n"
