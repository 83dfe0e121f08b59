"""Signs, ranges, chains and dimensions: only the sign between the numbers is put into words.

The numbers are left to the rules behind these: units, mathematics, numbers, and upstream.
"""

import re
from itertools import pairwise

from text.verbalization.context import always, follows, is_near, precedes
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, digits

_MINUS = re.compile(r"[-–](?<![\w)\]%\"'°.–^{-].)(?=\.?[0-9])")
_PLUS_MINUS = re.compile(r"(?:±|\+/-) ?")
_HYPHEN = re.compile(r"-(?<=[a-z]{2}.)(?=[0-9])|(?<=[0-9])-(?=to-[0-9])|(?<=x86)-(?=64)")
_PAUSE = re.compile(r"—(?= ?[0-9])|[-–](?<=[a-zA-Z,.;:!?)\"'] .)(?= [0-9])")
_VARIABLE = re.compile(r"(?:^|[^A-Za-z'])[A-Za-z)] $")
_CHAIN = re.compile(r"[0-9](?<!\w.)(?<![0-9][.,/:-].)[0-9]{0,6}(?:-[0-9]{1,7}){2,6}(?![\w/]|[-.][0-9])")

_PARTS = "½¼¾⅓⅔"
_NUMBER = rf"(?P<number>[{_PARTS}]|[0-9]+/[0-9]+|\.?[0-9]+(?:[.,][0-9]+)*)"
_DASH = re.compile(rf"[-–](?:(?<=[\w%°{_PARTS}] .)|(?<=[\w%°{_PARTS}].))(?= ?[.$]?[0-9{_PARTS}])")
_LEFT = re.compile(
    rf"(?<![\w/:-])(?<![0-9][.,])(?<!–){_NUMBER}(?P<unit>[{_PARTS}]|%|°[CF]?|(?:st|nd|rd|th)|"
    r" ?(?:[kKMB]|bn|kg|g|mg|lbs?|oz|km|m|cm|mm|mi|ft|in|mph|km/h|ml|l|h|hrs?|mins?|s|ms|GB|MB|Hz|kHz|MHz|GHz))?"
    r"(?P<gap> ?)$"
)
_RIGHT = re.compile(
    rf"(?P<gap> ?){_NUMBER}(?P<unit>[%°{_PARTS}]|(?:st|nd|rd|th)\b| ?[A-Za-z]{{1,5}}\b)?(?![/:][0-9])(?!-[0-9])"
)
_PLAIN = re.compile(r"[0-9.,]+")
_MATHEMATICS = re.compile(r"=|\^|\bequals\b|[0-9a-z)] ?[+×÷*] ?[0-9a-z(]")
_SCORE = re.compile(
    r"\b(?:won|win|wins|beat|beats|lost|lose|score|scores|scored|led|lead|draw|tie|final)\b", re.IGNORECASE
)
_FIXED = {("24", "7"), ("50", "50"), ("20", "20"), ("60", "40"), ("80", "20"), ("10", "4")}

_UNIT = r"(?: ?(?:m|cm|mm|km|ft|in|px|\"|'|inch(?:es)?|feet|foot|meters?|pixels?|yards?))"
_CROSS = re.compile(rf"[x×](?:(?<=[0-9mnt'\"{_PARTS}] .)|(?<=[0-9mnt'\"{_PARTS}].))(?= ?[.0-9])")
_CROSS_LEFT = re.compile(rf"(?<![\w.,])[0-9]+(?:[.,][0-9]+)*[{_PARTS}]?(?P<unit>{_UNIT}?)(?P<gap> ?)$")
_CROSS_RIGHT = re.compile(
    rf"(?P<gap> ?)[0-9]*\.?[0-9]+(?:(?P<power>\^|[⁰¹²³⁴-⁹⁻])|(?: ?[x×] ?[0-9.]+)?"
    rf"(?P<unit>{_UNIT}\b| ?\"|'|-[a-z]| (?:grid|matrix|room|board|image|photos?|rug|card"
    r"|frame|screen|table|print|cube|paper)\b)?)(?!\w)"
)
_EQUATION = re.compile(r"=|\^|\bequals\b")


def _number(written: str) -> float | None:
    """Return a number's size, about; None for a version or an address, which have several points."""
    if "/" in written or written in _PARTS:
        return 0.5
    written = written.replace(",", "")
    return float(written) if written.count(".") <= 1 else None


def _range(match: re.Match[str]) -> str | None:
    """Say a dash between two numbers as `to`; a spaced hyphen only in a rising range, since it may be a minus."""
    left, right = precedes(_LEFT, match), follows(_RIGHT, match)
    if left is None or right is None or bool(left["gap"]) != bool(right["gap"]):
        return None
    low, high = _number(left["number"]), _number(right["number"])
    is_spaced, is_hyphen = bool(left["gap"]), match[0] == "-"
    if low is None or high is None or _joins_others(left, right, is_hyphen=is_hyphen and not is_spaced):
        return None
    if (left["number"], right["number"]) in _FIXED and not is_spaced and not right["unit"]:
        return " "
    if is_hyphen and _is_difference(match, low, high, spaced=is_spaced):
        return None
    return "to" if is_spaced else " to "


def _joins_others(left: re.Match[str], right: re.Match[str], *, is_hyphen: bool) -> bool:
    """Return whether a dash is a name's (`10K-20`) or joins a number to its fraction (`1-1/2`)."""
    has_unit_only_left = (left["unit"] or "").strip().isalpha() and not right["unit"]
    is_mixed = is_hyphen and not left["unit"] and left["number"].isdigit() and not _PLAIN.fullmatch(right["number"])
    return has_unit_only_left or is_mixed


def _is_difference(match: re.Match[str], low: float, high: float, *, spaced: bool) -> bool:
    if is_near(_MATHEMATICS, match):
        return True
    return spaced and low >= high and not is_near(_SCORE, match)


def _chain(match: re.Match[str]) -> str:
    """Read `4-4-2` as its numbers, and a long one (an ISBN) digit by digit."""
    parts = match[0].split("-")
    if len(match[0]) - len(parts) + 1 >= 9:
        return ", ".join(map(digits, parts))
    is_countdown = all(int(one) == int(other) + 1 for one, other in pairwise(parts))
    separator = ", " if is_countdown else " "
    return separator.join(digits(part) if part.startswith("0") else cardinal(part) for part in parts)


def _cross(match: re.Match[str]) -> str | None:
    """Say the cross of `3x4` and `8.5 x 11` as `by`; `3 × 4` and `3x4 = 12` are left to mathematics."""
    left, right = precedes(_CROSS_LEFT, match), follows(_CROSS_RIGHT, match)
    if left is None or right is None or right["power"] or left[0] == "0":
        return None
    is_measure = bool(left["unit"].strip() or right["unit"])
    if is_near(_EQUATION, match) and not is_measure:
        return None
    if match[0] == "×" and left["gap"] and not is_measure:
        return None
    return f"{'' if left['gap'] else ' '}by{'' if right['gap'] else ' '}"


def _pause(match: re.Match[str]) -> str | None:
    """Write a dash between a word and a number as a comma; upstream would say `minus`."""
    if match[0] != "—" and precedes(_VARIABLE, match):
        return None
    return "," if match.string[match.end()] == " " else ", "


RULES = (
    Rule("dash", _PAUSE, _pause),
    Rule("range", _CHAIN, _chain),
    Rule("range", _DASH, _range),
    Rule("range", _CROSS, _cross),
    Rule("number", _MINUS, always("minus ")),
    Rule("number", _PLUS_MINUS, always("plus or minus ")),
    Rule("number", _HYPHEN, always(" ")),
)
