"""Numbers in words, in upstream's form: `one thousand, two hundred thirty-four`, `twenty twenty-four`."""

import re
from functools import cache

from text.upstream import text_normalizer

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_inflect = text_normalizer._inflect

MOST_DIGITS = 36
"""Digits of the longest number that has a name."""


@cache
def _small(number: int) -> str:
    words: str = _inflect.number_to_words(number, andword="")
    return words


def cardinal(number: int | str) -> str:
    """Return a whole number in words; commas in it are ignored, and a longer one than `MOST_DIGITS` is spelled."""
    written = str(number).replace(",", "")
    if len(written) > MOST_DIGITS:
        return digits(written)
    value = int(written)
    words: str = _small(value) if value < 1000 else _inflect.number_to_words(value, andword="")
    return words


def ordinal(number: int | str) -> str:
    """Return an ordinal number in words: `twenty-fourth`."""
    written = str(number).replace(",", "")
    words: str = _inflect.number_to_words(f"{int(written)}th", andword="")
    return words


def digits(written: str) -> str:
    """Return digits one by one: `zero one nine`. What is no digit is left out."""
    return " ".join(_DIGITS[int(each)] for each in written if "0" <= each <= "9")


def decimal(written: str) -> str:
    """Return a number with or without a decimal point in words: `three point one four`, `point five`."""
    whole, point, fraction = written.partition(".")
    if not point or not fraction:
        return cardinal(whole)
    spoken = f"point {digits(fraction)}"
    return f"{cardinal(whole)} {spoken}" if whole else spoken


def year(number: int | str) -> str:
    """Return a year in words: `nineteen oh five`, `two thousand four`, `nineteen hundred`, `eighty`."""
    words: str = text_normalizer._expand_number(re.fullmatch(r"\d+", str(int(number))))
    return words


def two_digits(written: str) -> str:
    """Return two digits as the end of a year or a time is read: `ninety-eight`, `oh five`."""
    return f"oh {cardinal(written[1])}" if written[0] == "0" else cardinal(written)


def paired(written: str) -> str:
    """Return three or four digits in pairs, as room numbers are read: `two thirty-seven`, `four oh four`."""
    head, tail = written[:-2], written[-2:]
    if tail == "00":
        return cardinal(written) if head.endswith("0") else f"{cardinal(head)} hundred"
    return f"{cardinal(head)} {two_digits(tail)}"
