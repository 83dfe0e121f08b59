"""A written quantity (`1,234.5`, `12,5`, `1 1/2`, `2½`) and how it is read."""

import re
from dataclasses import dataclass

from text.verbalization.words import cardinal, decimal, ordinal

NUMBER = r"[.0-9](?<!\w.)(?<![0-9][.,].)(?<!\.\.)(?:(?<=\.)[0-9]+|(?<=[0-9])[0-9]*(?:[.,][0-9]+)*)"
"""A number that begins a run of digits. Its first item is a set of characters, which `re` searches for fastest."""

VULGAR = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅖": "2/5",
    "⅗": "3/5",
    "⅘": "4/5",
    "⅙": "1/6",
    "⅚": "5/6",
    "⅐": "1/7",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
    "⅞": "7/8",
    "⅑": "1/9",
    "⅒": "1/10",
}
_VULGARS = "".join(VULGAR)
QUANTITY = (
    rf"[.0-9{_VULGARS}](?<!\w[.0-9])(?<![0-9][.,/^].)(?<!\.\.)(?:(?<=[{_VULGARS}])|(?<=\.)[0-9]+|"
    rf"(?<=[0-9])[0-9]*(?:(?:[.,][0-9]+)+|[ -]?[{_VULGARS}]|(?:[ -][0-9]{{1,2}})?/[0-9]{{1,3}}(?![/0-9]))?)"
)
"""A number, a fraction or a number with a fraction."""

_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?")
_EUROPEAN = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
_PLAIN = re.compile(r"[0-9]*\.?[0-9]+")
_MIXED = re.compile(rf"(?:([0-9]+)[ -]?)??(?:([0-9]+)/([0-9]+)|([{_VULGARS}]))")


def plain(written: str, *, comma_is_point: bool = False) -> str | None:
    """Return a number as digits with at most one point: `1234.5`; None for what is no number (`3.11.2`, `1,2`).

    A comma before other than three digits is a decimal point only where the caller knows that one number is meant,
    as before a unit.
    """
    if _PLAIN.fullmatch(written):
        return written
    if _GROUPED.fullmatch(written) and not written.startswith("0"):
        return written.replace(",", "")
    if _EUROPEAN.fullmatch(written):
        return written.replace(".", "").replace(",", ".")
    if _DECIMAL_COMMA.fullmatch(written) and (comma_is_point or written.startswith("0,")):
        return written.replace(",", ".")
    return None


@dataclass(frozen=True)
class Quantity:
    """How a quantity is read, and what form a unit behind it has."""

    words: str
    adjective: str
    """The words in a compound before a noun: `half` of `a half inch pipe`."""
    is_one: bool
    fraction_of_one: bool
    """Whether it is a fraction below one, whose unit is singular: `three quarters of a cup`."""


def read(written: str) -> Quantity | None:
    """Return how a match of `QUANTITY` before a unit is read; None if it is no quantity."""
    mixed = _MIXED.fullmatch(written)
    if mixed is None:
        number = plain(written, comma_is_point=True)
        return None if number is None else Quantity(decimal(number), decimal(number), number == "1", False)
    whole, top, bottom, vulgar = mixed.groups()
    if vulgar:
        top, bottom = VULGAR[vulgar].split("/")
    part = fraction(int(top), int(bottom))
    if part is None:
        return None
    if whole:
        words = mixed_number(whole, part)
        return Quantity(words, words, False, False)
    if part == "one half":
        return Quantity("half a", "half", False, True)
    if top == "1":
        return Quantity(part, part.removeprefix("one "), False, True)
    return Quantity(f"{part} of a", part.removesuffix("s"), False, True)


def fraction(top: int, bottom: int) -> str | None:
    """Return a fraction below one in words: `one half`, `three quarters`, `five sixteenths`; else None."""
    if not 0 < top < bottom or not (bottom <= 20 or bottom in (32, 64, 100, 1000)):
        return None
    name = {2: "half", 4: "quarter"}.get(bottom) or ordinal(bottom)
    return f"{cardinal(top)} {name}{'' if top == 1 else 's'}"


def mixed_number(whole: str, part: str) -> str:
    """Return a number with a fraction in words: `one and a half`, `two and three quarters`."""
    article = f"a {part.removeprefix('one ')}" if part.startswith("one ") else part
    article = article.replace("a eighth", "an eighth")
    return f"{cardinal(whole)} and {article}"
