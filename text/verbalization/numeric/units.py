"""Measures: a number and a unit, `5 kg`, `20 km/h`, `a 10m tunnel`, `25 m²`, `5'10"`, `40°26′46″N`."""

import re

from text.verbalization.context import always, follows, is_adjective, noun_follows, precedes, separated
from text.verbalization.numeric.quantities import QUANTITY, Quantity, read
from text.verbalization.numeric.unit_context import AMBIGUOUS, points
from text.verbalization.numeric.unit_names import per_unit, unit
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, decimal

_SYMBOL = (
    r"(?:(?:sq|cu)\.? ?(?:ft|in|yd|mi|km|m)|fl\.? ?oz|°(?: ?[CFK])?|℃|℉|[A-Za-zµμΩ]{1,6}(?:\^?[23](?![0-9])|[²³])?)"
)
_DIVISOR = r"(?:100 ?)?(?:[A-Za-zµμ]{1,6}(?:\^?[23]|[²³])?)"
_MEASURE = re.compile(
    rf"(?P<quantity>{QUANTITY})(?P<gap>[ -]?)(?P<symbol>{_SYMBOL}(?: ?/ ?{_DIVISOR})?)"
    r"(?P<dot>\.(?= [a-z0-9(=]|[,;:)!?-]))?"
    r"(?![\w°²³^]|/(?![0-9])|'[a-z])"
)
_ABBREVIATION = re.compile(
    r"(?:.* )?(?:ft|in|lb|lbs|oz|yd|yds|mi|gal|qt|pt|tsp|tbsp|min|mins|sec|secs|hr|hrs|wk|wks|mo|mos|yr|yrs)"
)
_RANGE_BEFORE = re.compile(r"[0-9] (?:to|or|by) $")

_FEET = re.compile(
    r"(?P<feet>[1-9](?<!\w.)(?<![.,'].)[0-9]?)(?P<prime>['′]|[ -]?ft\.?)[ -]?(?P<inches>1[01]|[0-9])(?P<half>½|\.5)?"
    r"(?P<mark>\"|''|″|[ -]?(?:in\b\.?(?! the)|inch(?:es)?\b))?(?![\w'′°²³]|[.,][0-9])"
)
_PRIME = re.compile(rf"(?P<quantity>{QUANTITY})(?P<prime>[\"'′″])(?! ?[0-9]|\w)")
_INCHES_BEHIND = re.compile(r" [a-z]|-[a-z]|[,.)]|$")
_FEET_BEHIND = re.compile(
    r" (?:tall|wide|long|high|deep|thick|x|by|fence|ceilings?|ladder|board|pole|rope|table|wall)\b"
)
_DIMENSION_BEHIND = re.compile(r" (?:x|by|wide|tall|long|high|deep|thick|in|and|or|to)\b")
_PRIME_BEFORE = re.compile(r"['\"′″] by $")
_QUOTES = re.compile(r"(?<![0-9½¼¾])\"")

_COORDINATE = re.compile(
    r"(?P<degrees>[0-9](?<!\w.)(?<![.,].)[0-9]{0,2}(?:\.[0-9]+)?)° ?(?:(?P<minutes>[0-9]{1,2}(?:\.[0-9]+)?)['′] ?"
    r"(?:(?P<seconds>[0-9]{1,2}(?:\.[0-9]+)?)(?:\"|″|'') ?)?)?(?P<side>[NSEW])?(?![\w°])"
)
_SIDES = {"N": "north", "S": "south", "E": "east", "W": "west"}
_DURATION = re.compile(
    r"[0-9](?<!\w.)(?<![.,:].)[0-9]{0,2}(?:d|hrs?|h|mins?|m)(?: ?[0-9]{1,2}(?:hrs?|h|mins?|m|secs?|s)){1,3}(?!\w)"
)
_DURATION_PART = re.compile(r"([0-9]+)([dhms])")
_DURATIONS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
_PER = re.compile(
    r"/(?<=[a-z].) ?(?P<symbol>s|sec|second|min|minute|h|hr|hour|day|week|wk|month|mo|year|yr|night|person|user)\b(?!/)"
)
_COUNT_BEFORE = re.compile(r"(?:[0-9]|\b(?:thousand|million|billion)) [a-z]{1,20}$")
_PER_UNIT = re.compile(
    r"per (?P<symbol>(?:sq\.? )?(?:kWh|[kcm]?m[²³]?|ft²?|lb|oz|kg|g|mi|yd|hr|min|sec|gal|L|GB|MB))(?![\w²³/])"
)
_ALONE = re.compile(r"[kcmMG](?<!\w.)(?:m/h|m[²³]|m|g|/s|B/s|Wh)(?![\w/²³'-])")


def _say_measure(match: re.Match[str]) -> str | None:
    symbol = _canonical(match["symbol"])
    quantity = read(match["quantity"])
    is_unit = AMBIGUOUS.get(symbol)
    names = unit({"C": "°C", "F": "°F"}.get(symbol, symbol))
    if quantity is None or names is None or (is_unit is not None and not is_unit(match)):
        return None
    if symbol == "pt":
        names = points(match) or names
    dot = match["dot"] if match["dot"] and not _ABBREVIATION.fullmatch(symbol) else ""
    return separated(match, _measure(match, quantity, names)) + dot


def _canonical(symbol: str) -> str:
    for written, meant in ((" /", "/"), ("/ ", "/"), ("° ", "°"), ("℃", "°C"), ("℉", "°F")):
        symbol = symbol.replace(written, meant)
    return symbol


def _measure(match: re.Match[str], quantity: Quantity, names: tuple[str, str]) -> str:
    one, many = names
    in_range = precedes(_RANGE_BEFORE, match)
    if match.groupdict().get("gap") == "-" or is_adjective(match):
        return f"{quantity.adjective} {one}"
    if quantity.fraction_of_one and not in_range:
        article = "n" if quantity.words.endswith(" a") and one.startswith(("a", "e", "i", "o", "hour")) else ""
        return f"{quantity.words}{article} {one}"
    return f"{quantity.words} {one if quantity.is_one and not in_range else many}"


def _say_feet(match: re.Match[str]) -> str | None:
    """Read a height or a length: `five foot ten`."""
    by_prime = match["prime"] in ("'", "′")
    if not by_prime and not match["mark"]:
        return None
    inches = cardinal(match["inches"]) + (" and a half" if match["half"] else "")
    if by_prime:
        return separated(match, f"{cardinal(match['feet'])} foot {inches}")
    feet = "foot" if match["feet"] == "1" else "feet"
    return separated(match, f"{cardinal(match['feet'])} {feet} {inches} {'inch' if inches == 'one' else 'inches'}")


def _say_prime(match: re.Match[str]) -> str | None:
    """Read one prime as feet or inches, unless it may be a quotation mark that closes."""
    in_feet = match["prime"] in "'′"
    behind = _FEET_BEHIND if in_feet else _INCHES_BEHIND
    if not follows(behind, match) and not precedes(_PRIME_BEFORE, match):
        return None
    if match["prime"] == '"' and len(_QUOTES.findall(match.string, max(0, match.start() - 200), match.start())) % 2:
        return None
    quantity = read(match["quantity"])
    if quantity is None:
        return None
    one, many = ("foot", "feet") if in_feet else ("inch", "inches")
    if noun_follows(match) and not follows(_DIMENSION_BEHIND, match):
        return separated(match, f"{quantity.adjective} {one}")
    return separated(match, _measure(match, quantity, (one, many)))


def _say_coordinate(match: re.Match[str]) -> str | None:
    """Read an angle with minutes or a direction; one without is a measure like others."""
    if not match["minutes"] and not match["side"]:
        return None
    parts = [(match["degrees"], "degree"), (match["minutes"], "minute"), (match["seconds"], "second")]
    spoken = ", ".join(f"{decimal(number)} {name}{'' if number == '1' else 's'}" for number, name in parts if number)
    return f"{spoken} {_SIDES[match['side']]}" if match["side"] else spoken


def _say_duration(match: re.Match[str]) -> str | None:
    """Read `1h30m`, where `m` is a minute."""
    parts = _DURATION_PART.findall(match[0])
    if [letter for _, letter in parts] != sorted((letter for _, letter in parts), key="dhms".index):
        return None
    return " ".join(f"{cardinal(number)} {_DURATIONS[unit]}{'' if number == '1' else 's'}" for number, unit in parts)


def _say_per(match: re.Match[str]) -> str | None:
    """Read the slash of `30 requests/s`."""
    if not precedes(_COUNT_BEFORE, match):
        return None
    return f" per {per_unit(match['symbol']) or match['symbol']}"


def _say_alone(match: re.Match[str]) -> str | None:
    names = None if match[0] in ("mm", "Mm", "Mg", "Gm", "Gg", "cg") else unit(match[0])
    return names and names[1]


def _say_per_unit(match: re.Match[str]) -> str | None:
    """Read `per kg`."""
    names = unit(match["symbol"])
    return names and f"per {names[0]}"


_MINUTES = re.compile(r"(?P<number>[0-9](?<![\w.].)[0-9]{0,3})m(?= (?:ago|later|read)\b)")
_MILES = re.compile(r"(?<=[0-9]) ?m\.p\.h\.?")


def _say_minutes(match: re.Match[str]) -> str:
    """Read `10m ago`."""
    return f"{cardinal(match['number'])} {'minute' if match['number'] == '1' else 'minutes'}"


RULES = (
    Rule("unit", _MINUTES, _say_minutes),
    Rule("unit", _MILES, always(" mph")),
    Rule("unit", _COORDINATE, _say_coordinate),
    Rule("unit", _FEET, _say_feet),
    Rule("unit", _PRIME, _say_prime),
    Rule("unit", _DURATION, _say_duration),
    Rule("unit", _MEASURE, _say_measure),
    Rule("unit", _PER_UNIT, _say_per_unit),
    Rule("unit", _ALONE, _say_alone),
    Rule("unit", _PER, _say_per),
)
