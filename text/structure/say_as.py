"""Say-as: puts the content of `<say-as interpret-as="…">` into words."""

import re
from collections.abc import Callable

from text.verbalization.words import cardinal, decimal, digits, ordinal

_NUMBER = re.compile(r"([-+]?)([0-9]{1,36}|[0-9]{1,3}(?:,[0-9]{3}){1,11})((?:\.[0-9]{1,36})?)")
_SIGNS = {"-": "minus ", "+": "plus ", "": ""}
# fmt: off
_CHARACTERS = {
    "-": "dash", "_": "underscore", ".": "dot", ",": "comma", "@": "at", "/": "slash", "\\": "backslash", "#": "hash",
    "*": "star", "+": "plus", "&": "and", "%": "percent", ":": "colon", "=": "equals", "$": "dollar",
}
# fmt: on
_GROUP = re.compile(r"[0-9]+")


def said_as(kind: str, written: str) -> str | None:
    """Return the words for a content; None if its kind is left to the rules, or the content is not of its kind."""
    reading = _READINGS.get(kind.strip().lower())
    words = reading(written.strip()) if reading else None
    return words or None


def _characters(written: str) -> str:
    spoken = (digits(each) or _CHARACTERS.get(each, each.lower()) for each in written if not each.isspace())
    return " ".join(spoken)


def _number(written: str) -> str | None:
    match = _NUMBER.fullmatch(written)
    if not match:
        return None
    sign, whole, fraction = match.groups()
    return _SIGNS[sign] + (decimal(whole.replace(",", "") + fraction) if fraction else cardinal(whole))


def _ordinal(written: str) -> str | None:
    match = re.fullmatch(r"([0-9]{1,36}|[0-9]{1,3}(?:,[0-9]{3}){1,11})(?:st|nd|rd|th|\.)?", written)
    return ordinal(match[1]) if match else None


def _digits(written: str) -> str:
    return ", ".join(map(digits, _GROUP.findall(written)))


def _telephone(written: str) -> str:
    return ("plus " if written.startswith("+") else "") + ", ".join(map(digits, _GROUP.findall(written)))


_READINGS: dict[str, Callable[[str], str | None]] = {
    **dict.fromkeys(("characters", "spell-out", "verbatim", "letters"), _characters),
    **dict.fromkeys(("cardinal", "number"), _number),
    **dict.fromkeys(("digits", "number_digit"), _digits),
    "ordinal": _ordinal,
    "telephone": _telephone,
}
