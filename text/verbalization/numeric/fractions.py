"""Fractions and other numbers with a slash: `1/2`, `1 1/2`, `½`, `7/10`, `24/7`."""

import re

from text.verbalization.context import always, follows, precedes, separated
from text.verbalization.numeric.quantities import VULGAR, fraction, mixed_number
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, decimal

_VULGARS = "".join(VULGAR)
_VULGAR = re.compile(rf"[0-9{_VULGARS}](?<!\w[0-9])(?<![.,/][0-9])(?:(?<=[{_VULGARS}])|[0-9]{{0,4}}[ -]?[{_VULGARS}])")
_WRITTEN = re.compile(
    r"(?P<first>[0-9](?<!\w.)(?<![.,/:-].)[0-9]{0,3}(?:\.[0-9]{1,2})?)(?:[ -](?P<top>[0-9]{1,2}))?/"
    r"(?P<bottom>1000|[0-9]{1,3})(?P<ordinal>ths?|rds?|nds?)?(?![\w/]|[.,][0-9])"
)
_ARTICLE = re.compile(r" an? ")
_OF = re.compile(
    r"\b(?:page|step|part|slide|chapter|episode|question|lesson|day|level|round|game|item|task|file)s? $", re.IGNORECASE
)
_RATED = re.compile(
    r"\b(?:rat(?:e|ed|ing)|scored?|grade|gave|give|got|get|solid|pain|review|stars?)\b[\w ,:']{0,20} $", re.IGNORECASE
)
_STARS = re.compile(r" (?:stars?|rating|score|would|(?!cups)[a-z]{3,}[a-rt-z]s)\b")
_SAID_PLAIN = {("24", "7"), ("50", "50"), ("20", "20"), ("80", "20"), ("60", "40"), ("9", "11")}


def _say_vulgar(match: re.Match[str]) -> str | None:
    top, bottom = VULGAR[match[0][-1]].split("/")
    part = fraction(int(top), int(bottom))
    if part is None:
        return None
    whole = match[0][:-1].rstrip(" -")
    if whole:
        return separated(match, mixed_number(whole, part))
    return separated(match, "half" if part == "one half" and follows(_ARTICLE, match) else part)


def _say_written(match: re.Match[str]) -> str | None:
    first, top, bottom = match["first"], match["top"], match["bottom"]
    if top:
        part = fraction(int(top), int(bottom))
        return None if part is None or "." in first else mixed_number(first, part)
    if (first, bottom) in _SAID_PLAIN:
        return f"{cardinal(first)} {cardinal(bottom)}"
    if precedes(_OF, match):
        return f"{decimal(first)} of {cardinal(bottom)}"
    if _is_rating(match):
        return f"{decimal(first)} out of {cardinal(bottom)}"
    part = None if "." in first else fraction(int(first), int(bottom))
    if part is None:
        return f"{decimal(first)} over {cardinal(bottom)}"
    return "half" if part == "one half" and follows(_ARTICLE, match) else part


def _is_rating(match: re.Match[str]) -> bool:
    first, bottom = match["first"], match["bottom"]
    if float(first) > int(bottom) or match["ordinal"]:
        return False
    if bottom in ("5", "10", "100") and ("." in first or precedes(_RATED, match) or follows(_STARS, match)):
        return True
    return bottom in ("10", "100") and first != "1"


RULES = (
    Rule("fraction", re.compile(r"24/7/365(?<!\w.{8})(?![\w/])"), always("twenty-four seven three sixty-five")),
    Rule("fraction", _VULGAR, _say_vulgar),
    Rule("fraction", _WRITTEN, _say_written),
)
