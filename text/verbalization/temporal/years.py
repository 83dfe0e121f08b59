"""Years and spans of years: `'90s`, `1980s`, `1990-95`, `2020/21`, `Q3 2024`, `FY24`, `c. 1850`, `'98`, `44 B.C.`"""

import re

from text.verbalization.context import precedes
from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import stopped
from text.verbalization.words import cardinal, two_digits, year

_FULL_DECADE = re.compile(r"[12](?<![\w.,:/$#].)(?P<century>[0-9])(?P<tens>[0-9])0'?s(?!\w)")
_SHORT_DECADE = re.compile(r"[1-9'](?<![\w.,:/$#].)(?:(?<=')(?P<tens>[0-9]))?0'?s(?!\w)")
_SHORT_YEAR = re.compile(r"'(?<!\w.)(?P<year>[0-9]{2})(?![\w'\"]|[.,:][0-9])")
_SPAN = re.compile(
    r"[12](?<![\w.,:/$#-].)(?P<first>[0-9]{3})(?P<sign> ?[-–] ?|/)(?P<last>[12][0-9]{3}|[0-9]{2})"
    r"(?![\w%$]|[-–/:][0-9]|[.,][0-9])"
)
_QUARTER = re.compile(
    r"[QH](?<!\w.)(?P<number>[1-4])(?:,? |-|/)?(?:of )?(?P<year>'?[0-9]{2}|[12][0-9]{3})(?!\w|[.,][0-9])"
)
_FISCAL = re.compile(r"F(?<!\w.)Y ?'?(?P<year>[0-9]{2}|[12][0-9]{3})(?:/(?P<last>[0-9]{2}))?(?!\w|[.,][0-9])")
_CIRCA = re.compile(r"c(?<![\w.].)(?:a|irca)?\. ?(?=[1-9][0-9]{2,3}(?!\w|[,.][0-9]))")
_ERA = re.compile(r"[ABC](?<=[0-9] .)(?:(?<=A)\. ?D|(?<=B)\. ?C(?:\. ?E)?|(?<=C)\. ?E)\.(?!\w)")
_AGE = re.compile(
    r"\b(?:the|his|her|their|my|our|your|in|early|late|mid|low|high|upper|lower|of|to|from"
    r"|and|or|any) ?-?$"
    r"|[0-9]0'?s(?: and | or | to |-|–)$",
    re.IGNORECASE,
)
_DECADES = (
    "hundreds",
    "tens",
    "twenties",
    "thirties",
    "forties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
)


def full_year(written: str) -> int:
    """Return the year that two or four digits stand for; two digits up to 39 are of this century."""
    number = int(written)
    if len(written) > 2:
        return number
    return number + (2000 if number < 40 else 1900)


def _say_full_decade(match: re.Match[str]) -> str:
    """Read `1980s`, `1900s`, `2000s`."""
    century, tens = match[0][:2], int(match["tens"])
    if tens == 0:
        return f"{cardinal(int(century) // 10)} thousands" if century.endswith("0") else f"{cardinal(century)} hundreds"
    return f"{cardinal(century)} {_DECADES[tens]}"


def _say_short_decade(match: re.Match[str]) -> str | None:
    """Read `'90s`, and `90s` behind a word that stands before decades and ages; else it may be seconds."""
    has_apostrophe = match[0].startswith("'")
    tens = int(match["tens"] or match[0][0])
    if not has_apostrophe and not precedes(_AGE, match):
        return None
    return _DECADES[tens] if tens else "two thousands"


def _say_short_year(match: re.Match[str]) -> str:
    return two_digits(match["year"])


def _say_span(match: re.Match[str]) -> str | None:
    """Read `1914-1918`, `1990-95` and `2020/21`, whose second year is the later one."""
    first, last, sign = match[0][:4], match["last"], match["sign"]
    if len(last) == 2:
        is_next_century = first.endswith("99") and last == "00"
        if " " in sign or not (int(last) > int(first[2:]) or is_next_century) or int(first[:2]) < 15:
            return None
        if sign == "/":
            return f"{year(first)} {two_digits(last)}" if int(last) == (int(first[2:]) + 1) % 100 else None
        return f"{year(first)} to {'two thousand' if is_next_century else two_digits(last)}"
    if int(last) <= int(first) or int(first) < 1200 or int(last) > 2200:
        return None
    if sign == "/":
        return f"{year(first)}, {year(last)}"
    return f"{year(first)} to {year(last)}"


def _say_era(match: re.Match[str]) -> str:
    """Read `B.C.` behind a year as letters; its full stop is kept where the sentence ends."""
    return stopped(match, " ".join(re.findall("[a-z]", match[0].lower())))


def _say_quarter(match: re.Match[str]) -> str:
    written = match["year"].lstrip("'")
    return f"{match[0][0].lower()} {cardinal(match['number'])} {year(full_year(written))}"


def _say_fiscal(match: re.Match[str]) -> str:
    written = match["year"]
    first = two_digits(written) if len(written) == 2 else year(written)
    return f"f y {first} {two_digits(match['last'])}" if match["last"] else f"f y {first}"


RULES = (
    Rule("date", _FULL_DECADE, _say_full_decade),
    Rule("date", _SHORT_DECADE, _say_short_decade),
    Rule("date", _QUARTER, _say_quarter),
    Rule("date", _FISCAL, _say_fiscal),
    Rule("date", _CIRCA, lambda _: "circa "),
    Rule("date", _ERA, _say_era),
    Rule("date", _SPAN, _say_span),
    Rule("date", _SHORT_YEAR, _say_short_year),
)
