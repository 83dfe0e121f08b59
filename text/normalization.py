"""Text normalisation: turns prose into lower-case ASCII text as the model was trained on.

The stages are upstream's (`soprano.utils.text_normalizer`), with its patterns, in the order of its `clean_text`, so
that prose gives the same result. Between the stages are repairs for other texts: they keep upstream's regular
expressions linear, prevent exceptions in its number reading, and keep every speakable word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from unidecode import unidecode

from text.aligned_text import AlignedText
from text.upstream import text_normalizer as upstream

LONGEST_WORD = 100
"""Characters; longer words are broken. This also bounds searches that are quadratic in a word's length."""

_DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_DIGIT = re.compile(r"\d")
_SYMBOLS_IN_WORD = re.compile(r"(?<=\w)[^\w\s\x00-\x7f]+(?=\w)")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")

_GLUE = re.compile(r"""(?<=[A-Za-z0-9])(?:["|^`]+(?=[A-Za-z0-9])|(?=#))""")
_EATING_BRACKET = re.compile(r"([)\]}])(?=[A-Za-z0-9%&+<=>@~]|[#$]\d)")
_LONG_DIGIT_RUN = re.compile(r"\d(?:,*\d){36,}")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_LINK_SEAM = re.compile(r"[/&=](?=[A-Za-z])")
_SPOKEN_SEAM = re.compile(r"[-']")
_DOLLARS = re.compile(r"\$[\d.,]*\d")
_TIME = re.compile(r"\d\d?:\d\d(?::\d\d)?")

_OPENING = re.compile(r"[(\[{]")
_EATEN_CLOSING = re.compile(r"[)\]}][^$.!?,]")
_CLOSING = re.compile(r"[)\]}]")

_ABBREVIATION = re.compile(
    rf"\b({'|'.join(each.pattern[2:-2] for each, _ in upstream._abbreviations)})\.", re.IGNORECASE
)
_ABBREVIATIONS = {each.pattern[2:-2]: words for each, words in upstream._abbreviations}
_CASED = re.compile(rf"\b(?:{'|'.join(each.pattern[2:-2] for each, _ in upstream._cased_abbreviations)})\b")
_CASED_ABBREVIATIONS = {each.pattern[2:-2]: words for each, words in upstream._cased_abbreviations}

_SPECIAL = re.compile(r"[@&%:;+\\~<>=/_*]")
_UNKNOWN = re.compile(r"[^A-Za-z !$%&'*,\-.0-9?]+")
_WHITE_SPACE = re.compile(r"\s{2,}|[^\S ]")
_SPACE_BEFORE_MARK = re.compile(r" (?=[.?!,])")
_REPEATED_MARKS = (
    (re.compile(r"\.\.\.+"), "\N{HORIZONTAL ELLIPSIS}"),
    (re.compile(r",{2,}"), ","),
    (re.compile(r"[.,]*\.[.,]*"), "."),
    (re.compile(r"[.,!]*![.,!]*"), "!"),
    (re.compile(r"[.,!?]*\?[.,!?]*"), "?"),
    (re.compile("\N{HORIZONTAL ELLIPSIS}"), "..."),
)
_TRIPLE_LETTERS = re.compile(r"(\w)\1{2,}")


def bounded(text: AlignedText) -> AlignedText:
    """Break words over `LONGEST_WORD` characters, and numbers with too many digits to be named."""
    text = text.sub(_LONG_DIGIT_RUN, _spelled_run)
    return _break_long_words(text, _LINK_SEAM)


def normalize(text: AlignedText) -> AlignedText:
    """Return `text` as the model reads it: `[a-z0-9]`, spaces and the punctuation that upstream keeps; may be empty.

    A line end becomes a full stop. Never raises. Takes time linear in the length of the text, if its words are
    `bounded`. No word of the result is longer than `LONGEST_WORD`.
    """
    text = _ascii(text)
    text = _end_lines(text)
    text = _repair(text)
    if _DIGIT.search(text.text):
        text = _numbers_in_words(text)
    text = _pauses(text)
    text = text.sub(_ABBREVIATION, lambda match: _ABBREVIATIONS[match[1].lower()])
    text = text.sub(_CASED, lambda match: _CASED_ABBREVIATIONS[match[0]])
    text = text.sub(upstream._camelcase_re, upstream._split_mixedcase)
    if _SPECIAL.search(text.text):
        for pattern, words in upstream._special_characters:
            text = text.sub(pattern, words)
    text = text.lower().sub(_UNKNOWN, "")
    text = text.sub(_WHITE_SPACE, " ").sub(_SPACE_BEFORE_MARK, "").strip()
    for pattern, mark in _REPEATED_MARKS:
        text = text.sub(pattern, mark)
    text = text.sub(_TRIPLE_LETTERS, r"\1\1")
    return _break_long_words(text, _SPOKEN_SEAM)


def _ascii(text: AlignedText) -> AlignedText:
    """Transliterate, after removing characters that would disappear inside a word."""
    if text.text.isascii():
        return text
    text = text.sub(_SYMBOLS_IN_WORD, _spaced_if_silent)
    for pattern, words in upstream._preunicode_special_characters:
        text = text.sub(pattern, words)
    return text.sub(_FOREIGN, lambda match: unidecode(match[0], errors="ignore"))


def _spaced_if_silent(match: re.Match[str]) -> str:
    """Replace symbols that separate words (a drawing) by a space; keep those inside a word (an accent, a joiner)."""
    symbols = match[0]
    is_symbol = any(unicodedata.category(character) in ("So", "Sk", "Co") for character in symbols)
    return " " if is_symbol and not unidecode(symbols).strip() else symbols


def _end_lines(text: AlignedText) -> AlignedText:
    """Join the lines, each with a full stop unless it has one."""
    lines = (text.slice(*match.span()).strip() for match in _LINE.finditer(text.text))
    ended = [
        line.edited([(len(line), len(line), " " if line.text[-1] in ".!?" else ". ")]) for line in lines if len(line)
    ]
    return AlignedText.join(ended).strip()


def _repair(text: AlignedText) -> AlignedText:
    """Rewrite what upstream's number and bracket stages would damage, or would raise an exception for."""
    text = text.sub(_GLUE, " ")
    text = text.sub(_EATING_BRACKET, r"\1 ")
    text = bounded(text)
    text = text.sub(_DOLLARS, lambda match: match[0].replace(",", ""))
    return text.sub(_TIME, _spoken_time)


def _spelled_run(match: re.Match[str]) -> str:
    """Split a number with too many digits to be named: into its comma-separated groups, and long groups into digits."""
    groups = (group for group in match[0].split(",") if group)
    return ", ".join(group if len(group) <= 36 else " ".join(group) for group in groups)


def _spoken_time(match: re.Match[str]) -> str:
    """Write a time with hours, minutes above nine and seconds; upstream would print the minutes as a Python set."""
    hours, minutes, *rest = match[0].split(":")
    if not rest or int(hours) == 0 or minutes.startswith("0"):
        return match[0]
    seconds = rest[0]
    if seconds == "00":
        return f"{hours} {minutes} "
    return f"{hours} {minutes} {'oh ' if seconds.startswith('0') else ''}{seconds}"


_NUMBERS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (upstream._num_prefix_re, upstream._expand_num_prefix),
    (upstream._num_suffix_re, upstream._expand_num_suffix),
    (upstream._comma_number_re, upstream._remove_commas),
    (upstream._date_re, upstream._expand_date),
    (upstream._phone_number_re, upstream._expand_phone_number),
    (upstream._time_re, upstream._expand_time),
    (upstream._dollars_re, upstream._expand_dollars),
    (upstream._decimal_number_re, upstream._expand_decimal_point),
    (upstream._multiply_re, upstream._expand_multiply),
    (upstream._divide_re, upstream._expand_divide),
    (upstream._add_re, upstream._expand_add),
    (upstream._subtract_re, upstream._expand_subtract),
    (upstream._fraction_re, upstream._expand_fraction),
    (upstream._ordinal_re, upstream._expand_ordinal),
    (upstream._num_letter_split_re, upstream._split_alphanumeric),
    (upstream._num_letter_split_re, upstream._split_alphanumeric),  # twice, for matches that overlap
    (upstream._number_re, upstream._expand_number),
)


def _numbers_in_words(text: AlignedText) -> AlignedText:
    """Read numbers as upstream does; spell the digits of those for which upstream raises."""
    for pattern, expand in _NUMBERS:
        text = text.sub(pattern, _or_spelled(expand) if callable(expand) else expand)
    return text


def _or_spelled(expand: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
    def say(match: re.Match[str]) -> str:
        try:
            return expand(match)
        except (AssertionError, LookupError, ValueError, upstream.inflect.NumOutOfRangeError):
            return _spelled(match[0])

    return say


def _spelled(word: str) -> str:
    return _DIGIT.sub(lambda digit: f" {_DIGIT_NAMES[int(digit[0])]} ", word)


def _pauses(text: AlignedText) -> AlignedText:
    """Turn dashes and brackets into commas, dots inside words into words: upstream's `normalize_special`."""
    text = text.sub(upstream._link_header_re, upstream._expand_link_header)
    text = text.sub(upstream._dash_re, upstream._expand_dash)
    text = text.sub(upstream._dot_re, upstream._expand_dot)
    opening = _OPENING.search(text.text)
    if opening is None:
        return text
    closed = max(text.text.rfind(bracket) for bracket in ")]}") + 1
    end = max(closed, opening.start())
    inside = text.slice(opening.start(), min(end + 1, len(text)) if closed > opening.start() else end)
    rest = text.slice(opening.start() + len(inside))
    # Upstream has one pattern from the first bracket to the last. It takes quadratic time for brackets without an end.
    inside = inside.sub(_OPENING, ", ").sub(_EATEN_CLOSING, ", ").sub(_CLOSING, "")
    return AlignedText.join([text.slice(0, opening.start()), inside, rest.sub(_OPENING, " ")])


def _break_long_words(text: AlignedText, seam: re.Pattern[str]) -> AlignedText:
    """Put spaces into words over `LONGEST_WORD` characters."""
    words = _LONG_WORD.finditer(text.text)
    return text.edited((cut, cut, " ") for word in words for cut in _cuts(text.text, word.start(), word.end(), seam))


def _cuts(text: str, start: int, end: int, seam: re.Pattern[str]) -> Iterator[int]:
    """Yield where to cut a word: each piece has at most `LONGEST_WORD` characters and ends at its last seam, if any."""
    while end - start > LONGEST_WORD:
        stop = start + LONGEST_WORD
        for match in seam.finditer(text, start, stop):
            stop = match.end()
        yield stop
        start = stop
