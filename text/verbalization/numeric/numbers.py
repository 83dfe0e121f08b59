"""Plain numbers that upstream misreads: `1,234`, `12,5 percent`, `.5`, `3.5M`, `2x`, `1035 cans`, `401k`."""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.numeric.identifiers import STREET
from text.verbalization.numeric.quantities import NUMBER, plain
from text.verbalization.numeric.unit_context import NUMBERED
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, decimal, ordinal, paired

_LIST_NUMBER = re.compile(r"(?P<number>[0-9](?<![^\n].)[0-9]{0,2})\)(?= )")
_PERCENT = re.compile(rf"(?P<number>{NUMBER}) ?(?P<unit>‰|%|percent\b|per cent\b)")
_SCALED = re.compile(rf"(?P<number>{NUMBER})(?P<scale>[KkMmBbT]|[bmt]n|trn)(?!\w|-[a-z]|'s)")
_SCALES = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_COUNTED = re.compile(
    r" (?:people|followers|views|subscribers|users|tokens|steps|likes|words|dollars|miles|downloads|copies|members|jobs"
    r"|context|fans|customers|employees|votes)\b"
)
_DISPLAY = re.compile(
    r" (?:TVs?|tvs?|screens?|videos?|monitors?|displays?|resolution|cameras?|footage|streaming|movies?)\b"
)
_RACE = re.compile(r" (?:run|race|runner|walk|runs|races|row|swim|personal)\b")
_RUN_BEFORE = re.compile(
    r"\b(?:ran|run|runs|running|finished|first|second|weekly|charity)(?: (?:a|an|the|my|his|her|their))? $"
)
_TIMES = re.compile(rf"(?P<number>{NUMBER})(?:x|\u00d7)(?!\w|\^|_| ?[-+*/=<>≤≥(])")
_COMPARED = re.compile(
    r" (?:(?:fast|slow|small|larg|bigg|cheap|high|low|long|short|strong|weak|hard|wid|heavi|light|great|rich|deep|safe"
    r"|easi)er|more|less|fewer|better|as|the|an?|per|its|their|that|this|what|daily|weekly|every|each|in)\b"
)
_PIXELS = re.compile(r"(?P<number>[0-9](?<!\w.)(?<![.,:-].)[0-9]{2,3})(?P<scan>p|(?<=0)i)(?!\w)")
_PLAN = re.compile(r"40(?<!\w..)(?P<last>1\(?[kK]|3\(?b)\)?(?!\w)")
_ORDINAL = re.compile(r"(?P<number>[0-9](?<!\w.)(?<![.,].)[0-9,]{0,20})(?:ST|ND|RD|TH)(?!\w)")
_MANY = re.compile(r"(?P<number>1(?<!\w.)(?<![.,$].)(?:0|00|,?000|0,?000|00,?000))s(?= of\b)")
_SWISS = re.compile(r"[1-9](?<!\w.)(?<!['].)[0-9]{0,2}(?:'[0-9]{3}){1,8}(?:\.[0-9]{1,2})?(?![\w'])")
_THOUSANDS = re.compile(r"(?P<number>[1-9](?<!\w.)(?<![.,$].)[0-9]{0,2})\.000(?= [a-z]{2,}s\b| people\b)")
_ANY = re.compile(rf"(?P<number>{NUMBER})(?![\w/:]|[-.,][0-9])")

_HUNDREDS = re.compile(r"[12],?[1-9]00")
_PLURAL = re.compile(r" (?:(?P<noun>[a-z]{2,}[^suai\W]s)|people|men|women|children|feet|fish|sheep)\b(?!')")
_NAME_BEFORE = re.compile(r"(?:[a-z,;] [A-Z][a-z]+|[A-Z]{2,}|\b(?:[Ff]light|[Rr]oute|[Mm]odel|[Rr]oom)) $")
_VERB = re.compile(
    r"(?:goes|does|says|marks|seems|becomes|remains|begins|starts|sees|brings|ends|comes|shows|looks|feels|makes|takes|gives)"
)
_COUNTING = re.compile(
    r"\b(?:sold|bought|counted|built|hired|planted|over|nearly|almost|exactly|roughly|approximately"
    r"|fewer than|more than) $",
    re.IGNORECASE,
)
_COUNTABLE = re.compile(
    r" (?:people|pages|bottles|words|miles|votes|points|items|copies|users|employees|students|soldiers|troops|jobs"
    r"|homes|tickets|seats|units|calories|steps|followers)\b"
)
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|by|until|till|from|before|after|during|around|circa|year|early|late|mid|spring|summer|fall|autumn"
    r"|winter|January|February|March|April|May|June|July|August|September|October|November|December),? $",
    re.IGNORECASE,
)


def _say_percent(match: re.Match[str]) -> str | None:
    """Read `12,5 %` and `‰`; upstream reads other percentages right."""
    written, unit = match["number"], match["unit"]
    number = plain(written, comma_is_point=True)
    if number is None or (unit != "‰" and number == written):
        return None
    return f"{decimal(number)} {'per mille' if unit == '‰' else 'percent'}"


def _say_scaled(match: re.Match[str]) -> str | None:
    number, scale = plain(match["number"]), match["scale"]
    if number is None or re.match("0[0-9]", number):
        return None
    if precedes(NUMBERED, match):
        return f"{decimal(number)} {scale.lower()}" if len(scale) == 1 else None
    if follows(STREET, match) and number.isdigit():
        return f"{paired(number) if len(number) in (3, 4) else cardinal(number)} {scale.lower()}"
    if scale == "K" and follows(_DISPLAY, match):
        return f"{decimal(number)} k"
    if scale in ("k", "K") and (follows(_RACE, match) or _is_race(match, number)):
        return f"{decimal(number)} k"
    if scale == "K" and number in ("4", "8") and not follows(_COUNTED, match):
        return None
    return f"{decimal(number)} {_SCALES[scale[0].lower()]}"


def _is_race(match: re.Match[str], number: str) -> bool:
    return number in ("5", "8", "10", "15") and bool(precedes(_RUN_BEFORE, match)) and not follows(_COUNTED, match)


def _say_times(match: re.Match[str]) -> str | None:
    """Read `2x faster` as `two times faster`, `a 10x engineer` as `ten x`."""
    number = plain(match["number"])
    if number is None:
        return None
    return f"{decimal(number)} {'times' if follows(_COMPARED, match) else 'x'}"


def _say_plan(match: re.Match[str]) -> str:
    return "four oh one k" if match["last"].startswith("1") else "four oh three b"


def _say_many(match: re.Match[str]) -> str:
    number = match["number"].replace(",", "")
    named = {"10": "tens", "100": "hundreds", "1000": "thousands"}.get(number)
    return named or f"{cardinal(number).removeprefix('one ')}s"


def _say_number(match: re.Match[str]) -> str | None:
    """Read a number whose commas or size mislead upstream: it takes one from 1001 to 2999 for a year."""
    written = match["number"]
    number = plain(written)
    if number is None:
        return written.replace(",", ", ") if "." not in written else None
    if number.isdigit() and _HUNDREDS.fullmatch(written):
        return None
    if number != written or written.startswith("."):
        return decimal(number)
    if "." in number:
        return decimal(number) if float(number) > 1000 else None
    return cardinal(number) if _is_count(match, number) else None


def _is_count(match: re.Match[str], number: str) -> bool:
    if len(number) != 4 or not 1000 < int(number) < 3000:
        return False
    if 1900 <= int(number) < 2100 and not (precedes(_COUNTING, match) or follows(_COUNTABLE, match)):
        return False
    plural = follows(_PLURAL, match)
    if plural is None or (plural["noun"] and _VERB.fullmatch(plural["noun"])):
        return False
    return not (precedes(_YEAR_BEFORE, match) or precedes(_NAME_BEFORE, match))


RULES = (
    Rule("number", _LIST_NUMBER, lambda match: f"{cardinal(match['number'])}."),
    Rule("number", _PERCENT, _say_percent),
    Rule("number", _PLAN, _say_plan),
    Rule("number", _PIXELS, lambda match: f"{paired(match['number'])} {match['scan']}"),
    Rule("number", _SCALED, _say_scaled),
    Rule("number", _TIMES, _say_times),
    Rule("number", _ORDINAL, lambda match: ordinal(match["number"])),
    Rule("number", _MANY, _say_many),
    Rule("number", _SWISS, lambda match: decimal(match[0].replace("'", ""))),
    Rule("number", _THOUSANDS, lambda match: f"{cardinal(match['number'])} thousand"),
    Rule("number", _ANY, _say_number),
)
