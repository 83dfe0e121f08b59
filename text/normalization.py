"""Text normalisation: turns any text into the lower-case ASCII prose that the model was trained on.

The stages are upstream's (`soprano.utils.text_normalizer`), in the order of its `clean_text`, so that a text which
upstream handles well gives the same result. Between the stages are repairs for other texts: they keep upstream's
regular expressions linear, prevent exceptions in its number reading, and keep every speakable word.
"""

import re
import unicodedata
from collections.abc import Iterator

from unidecode import unidecode

from text.symbols import without_drawings, without_ornaments
from text.upstream import text_normalizer as upstream

LONGEST_WORD = 100
"""Characters; longer words are broken. This also bounds upstream's searches, which are quadratic in a word's length."""

_DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MAGNITUDES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "t": "trillion"}
_CURRENCIES = {
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
}

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|\x85")
_CONTROL_SPACE = re.compile("[\t\v\f\x1c-\x1f]")
_CURRENCY = re.compile(
    "([£€¥])(?: ?([0-9]+(?:,[0-9]+)*)(?:[.]([0-9]+))?((?:k|m|bn|b|t| thousand| million| billion| trillion)\\b)?)?",
    re.IGNORECASE,
)
_SYMBOLS_IN_WORD = re.compile(r"(?<=\w)[^\w\s\x00-\x7f]+(?=\w)")

_GLUE = re.compile(r"""(?<=[A-Za-z0-9])(?:["|^`]+(?=[A-Za-z0-9])|(?=#))""")
_EATING_BRACKET = re.compile(r"([)\]}])(?=[A-Za-z0-9%&+<=>@~]|[#$]\d)")
_LONG_DIGIT_RUN = re.compile(r"\d(?:,*\d){36,}")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_LINK_SEAM = re.compile(r"[/&=](?=[A-Za-z])")
_SPOKEN_SEAM = re.compile(r"[-']")
_DOLLARS = re.compile(r"\$[\d.,]*\d")
_TIME = re.compile(r"\d\d?:\d\d(?::\d\d)?")
_OPENING = str.maketrans("([{", "   ")


def normalize(text: str) -> str:
    """Return `text` as the model reads it: `[a-z0-9]`, spaces and the punctuation that upstream keeps; may be empty.

    Never raises. Takes time linear in the length of the text. No word of the result is longer than `LONGEST_WORD`.
    """
    text = _ascii(text)
    text = upstream.normalize_newlines(text)
    text = _repair(text)
    text = _numbers_in_words(text)
    text = _drop_unclosed_brackets(text)
    text = upstream.normalize_special(text)
    text = upstream.expand_abbreviations(text)
    text = upstream.normalize_mixedcase(text)
    text = upstream.expand_special_characters(text)
    text = upstream.lowercase(text)
    text = upstream.remove_unknown_characters(text)
    text = upstream.collapse_whitespace(text)
    text = upstream.dedup_punctuation(text)
    text = upstream.collapse_triple_letters(text)
    return _break_long_words(text, _SPOKEN_SEAM)


def _ascii(text: str) -> str:
    """Transliterate, after removing characters that would raise, disappear inside a word or become other words."""
    text = _SURROGATE.sub("", text)
    text = _LINE_END.sub("\n", text)
    text = _CONTROL_SPACE.sub(" ", text)
    text = without_drawings(text)
    text = _CURRENCY.sub(_spoken_currency, text)
    text = _SYMBOLS_IN_WORD.sub(_spaced_if_silent, text)
    text = upstream.expand_preunicode_special_characters(text)
    return without_ornaments(upstream.convert_to_ascii(text))


def _spoken_currency(match: re.Match[str]) -> str:
    symbol, whole, fraction, magnitude = match.groups()
    one, many, one_part, many_parts = _CURRENCIES[symbol]
    if whole is None:
        return f" {many} "
    if magnitude or (fraction and len(fraction) != 2):
        amount = f"{whole}.{fraction}" if fraction else whole
        scale = _MAGNITUDES.get(magnitude.lower(), magnitude.strip()) if magnitude else ""
        return f" {amount} {scale} {many} "
    spoken = f"{whole} {one if whole == '1' else many}"
    if fraction and fraction != "00":
        spoken += f", {fraction} {one_part if fraction == '01' else many_parts}"
    return f" {spoken} "


def _spaced_if_silent(match: re.Match[str]) -> str:
    """Replace symbols that separate words (an emoji) by a space; keep those inside a word (an accent, a joiner)."""
    symbols = match[0]
    is_symbol = any(unicodedata.category(character) in ("So", "Sk", "Co") for character in symbols)
    return " " if is_symbol and not unidecode(symbols).strip() else symbols


def _repair(text: str) -> str:
    """Rewrite what upstream's number and bracket stages would damage, or would raise an exception for."""
    text = _GLUE.sub(" ", text)
    text = _EATING_BRACKET.sub(r"\1 ", text)
    text = _LONG_DIGIT_RUN.sub(_spelled_run, text)
    text = _break_long_words(text, _LINK_SEAM)
    text = _DOLLARS.sub(lambda match: match[0].replace(",", ""), text)
    return _TIME.sub(_spoken_time, text)


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


def _numbers_in_words(text: str) -> str:
    """Read numbers as upstream does; spell the digits of each word for which upstream raises."""
    try:
        spoken: str = upstream.normalize_numbers(text)
    except Exception:
        words = text.split(" ")
        return _spelled(text) if len(words) == 1 else " ".join(map(_numbers_in_words, words))
    return spoken


def _spelled(word: str) -> str:
    return re.sub(r"\d", lambda digit: f" {_DIGIT_NAMES[int(digit[0])]} ", word)


def _drop_unclosed_brackets(text: str) -> str:
    """Replace unclosed brackets by spaces. Upstream drops them too, but in quadratic time."""
    closed = max(text.rfind(bracket) for bracket in ")]}") + 1
    return text[:closed] + text[closed:].translate(_OPENING)


def _break_long_words(text: str, seam: re.Pattern[str]) -> str:
    return _LONG_WORD.sub(lambda match: " ".join(_pieces(match[0], seam)), text)


def _pieces(word: str, seam: re.Pattern[str]) -> Iterator[str]:
    """Yield pieces of at most `LONGEST_WORD` characters; each is cut after its last seam, if it has one."""
    start = 0
    while len(word) - start > LONGEST_WORD:
        stop = start + LONGEST_WORD
        for match in seam.finditer(word, start, stop):
            stop = match.end()
        yield word[start:stop]
        start = stop
    yield word[start:]
