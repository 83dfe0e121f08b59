"""Symbols that are units only in some places: `5 in`, `10 A`, `72F`, `30s`."""

import re
from collections.abc import Callable

from text.verbalization.context import follows, is_near, precedes

NUMBERED = re.compile(
    r"\b(?:seat|row|gate|room|section|figure|fig\.?|table|apt\.?|unit|suite|terminal|exhibit|bus|line|flight|page|grade"
    r"|platform|part|chapter|class|type|group|building|block|appendix|question|item|step|form|model|number)s? $",
    re.IGNORECASE,
)
"""What stands before a number that counts nothing: `seat 23F`."""

_EXTENT = re.compile(
    r" (?:long|wide|tall|high|thick|deep|diameter|across|of (?:rain|snow|water)"
    r"|in (?:diameter|length|width|height)|x|by)\b| ?="
)
_ABBREVIATED = re.compile(r"\.(?= [a-z(=]|[,;:)])")
_COUNTED = re.compile(
    r" (?:people|users|followers|views|subscribers|downloads|copies|customers|streams|jobs|votes|dollars|euros|pounds|"
    r"bucks|viewers|fans|visitors|members|players|tokens|barrels|shares|units sold)\b"
)
_NETWORK = re.compile(r" ?(?:network|signal|phone|lte|wireless|internet|connection|coverage|speeds?)\b", re.IGNORECASE)
_CURRENT = re.compile(
    r" (?:fuse|circuit|breaker|current|socket|plug|charger|adapter|supply|max|peak|output|outlet|relay|motor)",
    re.IGNORECASE,
)
_ELECTRIC = re.compile(r"\b(?:volts?|watts?|[0-9]+ ?[VW]|current|draws?|fuse|amps?|circuit)\b")
_DURATION = re.compile(
    r"\b(?:a|an|for|after|every|each|takes?|took|within|only|than|about|under|over|last|lasts|is|was|of|in|per|to|wait"
    r"|sleep|exceeds?|up to|until|timeout|~) ?$",
    re.IGNORECASE,
)
_HEAT = re.compile(
    r"\b(?:degrees?|temperatures?|heat|heated|oven|bake|preheat|hot|cold|cool|warm|kelvin|weather|outside|fever|roast|at"
    r"|to|minus|below|above|around|of|was|hit)\b",
    re.IGNORECASE,
)
_FONT = re.compile(
    r" (?:font|type|text|bold|times|arial|helvetica|calibri|line|leading|size|lead|increase|rise|drop)", re.IGNORECASE
)
_FORCE = re.compile(r"\b(?:forces?|newtons?|weight|pull|thrust|load)\b")
_WORD = re.compile(r" [A-Za-z]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_INITIAL = re.compile(r"\.? [A-Z]")
_PLACE = re.compile(r"\b(?:seats?|rows?|gates?|flights?|apartment|aisle|exhibit)\b", re.IGNORECASE)
_STREET = re.compile(r"\. [A-Z]| (?:[0-9]|[A-Z][a-z]+ (?:St|Ave|Street|Avenue|Road|Rd))")
_HYPHENATED = re.compile(r"-\w| [0-9]")


def _inch(match: re.Match[str]) -> bool:
    if match["gap"] == "-":
        return not follows(_HYPHENATED, match)
    return match["gap"] == "" or bool(follows(_EXTENT, match) or follows(_ABBREVIATED, match))


def _amp(match: re.Match[str]) -> bool:
    return "." in match["quantity"] or bool(follows(_CURRENT, match)) or is_near(_ELECTRIC, match)


def _second(match: re.Match[str]) -> bool:
    return match["gap"] != "" or "." in match["quantity"] or bool(precedes(_DURATION, match))


def _degree(match: re.Match[str]) -> bool:
    digits = match["quantity"]
    if not digits.isdigit() or len(digits) not in (2, 3) or precedes(NUMBERED, match):
        return False
    return is_near(_HEAT, match) and not is_near(_PLACE, match)


def _kelvin(match: re.Match[str]) -> bool:
    return match["gap"] == " " and bool(is_near(_HEAT, match)) and not follows(_COUNTED, match)


def _spaced(match: re.Match[str]) -> bool:
    return match["gap"] == " "


def _byte(match: re.Match[str]) -> bool:
    return match["gap"] == " " and not follows(_WORD, match)


def _liter(match: re.Match[str]) -> bool:
    is_name = bool(_YEAR.fullmatch(match["quantity"]) and follows(_INITIAL, match))
    return not is_name and not precedes(NUMBERED, match)


def _plain(match: re.Match[str]) -> bool:
    return not precedes(NUMBERED, match)


AMBIGUOUS: dict[str, Callable[[re.Match[str]], bool]] = {
    "in": _inch,
    "A": _amp,
    "s": _second,
    "C": _degree,
    "F": _degree,
    "K": _kelvin,
    "B": _byte,
    "N": lambda match: bool(is_near(_FORCE, match)),
    "MP": _plain,
    "m": lambda match: not follows(_COUNTED, match),
    "g": lambda match: not follows(_NETWORK, match),
    "W": lambda match: not follows(_STREET, match),
    "V": _plain,
    "J": lambda match: not follows(_INITIAL, match),
    "L": _liter,
    "h": _plain,
    "t": _plain,
    "l": _plain,
    "kn": _spaced,
    "mo": lambda match: match["quantity"].isdigit(),
}
"""By symbol: whether a match with the groups `quantity` and `gap` is a measure."""


def points(match: re.Match[str]) -> tuple[str, str] | None:
    """Return the name of `pt` where it is a point of type or a score, not a pint."""
    if follows(_FONT, match):
        return "point", "point"
    quantity = match["quantity"]
    return ("point", "points") if quantity.isdigit() and float(quantity) > 4 else None
