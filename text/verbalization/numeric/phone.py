"""Telephone numbers: digit by digit, in their groups."""

import re

from text.verbalization.context import follows, is_near
from text.verbalization.rule import Rule
from text.verbalization.words import digits

_EXTENSION = r"(?:,? ?(?:[Ee]xt\.?|x|extension) ?(?P<extension>[0-9]{1,6})\b)?"
_END = r"(?![\w%]|[-./,:][0-9])"
_AMERICAN = re.compile(
    r"[(1-9](?<![\w.,/$+-].)(?P<number>(?:(?<=1)[-. ]\(?[2-9][0-9]{2}\)?[-. ]?|(?<=\()[1-9][0-9]{2}\)[ -]?|"
    rf"(?<=[2-9])[0-9]{{2}}[-. ])[0-9]{{3}}[-. ]?[0-9]{{4}}){_EXTENSION}{_END}"
)
_LETTERED = re.compile(
    r"1(?<![\w.,/$+-].)[- .](?P<area>8[0-9]{2})[- .](?P<word>(?:[0-9]-)?[A-Z]{3,8}(?:-[A-Z]{2,8})?)\b"
)
_INTERNATIONAL = re.compile(
    rf"\+(?<!\w.)(?P<number>[1-9][0-9]{{0,2}}(?:[ .-]?\(?[0-9]{{1,12}}\)?){{1,6}}){_EXTENSION}{_END}"
)
_NATIONAL = re.compile(rf"[(0](?<![\w.,/$+-].)(?:(?<=0)|0)[0-9]{{1,4}}\)?(?:[ -][0-9]{{2,4}}){{2,4}}{_END}")
_LOCAL = re.compile(rf"(?P<number>[1-9](?<![\w.,/$-].)[0-9]{{2}}-[0-9]{{4}}){_EXTENSION}{_END}")
_BARE = re.compile(rf"[2-9](?<![\w.,/$-].)[0-9]{{9}}{_END}")
_TELEPHONE = re.compile(
    r"\b(?:call(?:s|ed|ing)?|phone|telephone|tel|cell|mobile|fax|dial(?:ed)?|text|whatsapp|hotline|contact|reach|number"
    r"|extension|sms)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r" [a-z]{3,}s\b| people\b|,[0-9]")
_GROUP = re.compile(r"[0-9]+")


def _spoken_groups(written: str) -> str:
    """Return groups of digits; ten digits in one are grouped as an American number, other long ones by threes."""
    return ", ".join(part for group in _GROUP.findall(written) for part in _parts(group))


def _parts(group: str) -> list[str]:
    if len(group) == 10:
        return [digits(group[:3]), digits(group[3:6]), digits(group[6:])]
    if len(group) == 11 and group.startswith("1"):
        return ["one", *_parts(group[1:])]
    if len(group) > 5:
        return [digits(group[start : start + 3]) for start in range(0, len(group), 3)]
    return [{"800": "eight hundred", "900": "nine hundred"}.get(group) or digits(group)]


def _with_extension(match: re.Match[str], number: str) -> str:
    return f"{number}, extension {digits(match['extension'])}" if match["extension"] else number


def _american(match: re.Match[str]) -> str:
    number = match[0][: match.end("number") - match.start()]
    return _with_extension(match, _spoken_groups(number))


def _lettered(match: re.Match[str]) -> str:
    """Read `1-800-FLOWERS`."""
    first, _, word = match["word"].rpartition("-") if match["word"][0].isdigit() else ("", "", match["word"])
    word = word.lower().replace("-", " ")
    return f"one, {_spoken_groups(match['area'])}, {f'{digits(first)} ' if first else ''}{word}"


def _international(match: re.Match[str]) -> str | None:
    count = len("".join(_GROUP.findall(match["number"])))
    if not 8 <= count <= 15:
        return None
    return _with_extension(match, f"plus {_spoken_groups(match['number'])}")


def _local(match: re.Match[str]) -> str | None:
    """Read `555-0199`; `100-2000 people` is a range."""
    number = match["number"]
    is_telephone = number.startswith("555") or number[4] == "0" or match["extension"] or is_near(_TELEPHONE, match)
    if not is_telephone or follows(_COUNTED, match):
        return None
    return _with_extension(match, _spoken_groups(number))


def _bare(match: re.Match[str]) -> str | None:
    return _spoken_groups(match[0]) if is_near(_TELEPHONE, match) else None


RULES = (
    Rule("phone", _LETTERED, _lettered),
    Rule("phone", _INTERNATIONAL, _international),
    Rule("phone", _AMERICAN, _american),
    Rule("phone", _NATIONAL, lambda match: _spoken_groups(match[0])),
    Rule("phone", _LOCAL, _local),
    Rule("phone", _BARE, _bare),
)
