"""Dates: `05/17/2024`, `2024-05-17`, `May 5th`, `3 Jan 2022`, `5/17`; `May–September`.

They are read in the American order: `may fifth, twenty twenty-four`.
"""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.rule import Rule
from text.verbalization.temporal import month_names, years
from text.verbalization.temporal.month_names import LATER_MONTH, MONTH, MONTHS, month_name
from text.verbalization.temporal.years import full_year
from text.verbalization.word_set import word_set
from text.verbalization.words import cardinal, ordinal, year

_SUFFIX = r"(?:st|nd|rd|th|ST|ND|RD|TH)"
_YEAR = r"(?P<year>[12][0-9]{3}(?!\w|[.,]?[0-9])|'[0-9]{2}(?!\w))"
_END = r"(?![\w%$/°]|[.,:-][0-9])"
_TO = rf"(?P<to> ?[-–] ?(?=[0-3]?[0-9]{_SUFFIX}? {LATER_MONTH}|{LATER_MONTH} [0-3]?[0-9](?![0-9])))?"
_MONTH_DAY = re.compile(
    rf"(?P<month>{MONTH}) ?(?P<the>the )?(?P<day>[0-3]?[0-9])(?P<suffix>{_SUFFIX})?"
    rf"(?:(?P<join> ?[-–] ?| to | through | and | or )(?:(?P<month2>{LATER_MONTH}) )?(?P<day2>[0-3]?[0-9]){_SUFFIX}?"
    rf"{_END}(?! ?[ap]\.?m\b))?{_END}(?:,? {_YEAR})?{_TO}"
)
_DAY_MONTH = re.compile(
    rf"[0-9](?<!\w.)(?<![.,:/$#-].)[0-9]?(?P<suffix>{_SUFFIX})?"
    rf"(?:(?P<join>[-–]| ?– ?| to | and )(?P<day2>[0-3]?[0-9]){_SUFFIX}?)?"
    rf"(?: |-(?={LATER_MONTH}(?:[ -][12][0-9]{{3}}|-[0-9]{{2}})\b))(?P<month>{LATER_MONTH})"
    rf"(?:[, -]{{1,2}}{_YEAR}|-(?P<short>[0-9]{{2}})(?!\w))?{_TO}(?!-\w)"
)
_MONTH_YEAR = re.compile(rf"(?P<month>{MONTH})(?P<join>,? |-| of )(?P<year>[12][0-9]{{3}})(?![\w%]|[.,][0-9])")
_MONTH_RANGE = re.compile(rf"(?P<month>{MONTH}) ?[-–/] ?(?P<month2>{LATER_MONTH})(?:,? {_YEAR})?")
_ISO = re.compile(
    r"[12](?<!\w.)(?<![.,:/$-].)[0-9]{3}(?P<sign>[-/.])(?P<month>[01]?[0-9])(?P=sign)(?P<day>[0-3]?[0-9])"
    r"(?:[T ](?P<time>[0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?)"
    r"(?:[.,][0-9]{1,9})?(?P<zone>Z\b| ?[+-][0-9]{2}:?[0-9]{2}\b)?)?"
    r"(?![\w/-]|[.:][0-9])"
)
_NUMERIC = re.compile(
    r"[0-9](?<!\w.)(?<![.,:/$-].)[0-9]?(?P<sign>[-/.])(?P<second>[0-9]{1,2})(?P=sign)"
    r"(?P<year>[12][0-9]{3}|[0-9]{2})(?![\w/%-]|[.,:][0-9])"
)
_SHORT = re.compile(r"[0-9](?<!\w.)(?<![.,:/$-].)[0-9]?/(?P<second>[0-9]{1,2})(?![\w/%°'\"]|[.,:][0-9])")

_DATED = re.compile(
    r"\b(?:on|by|until|till|since|from|before|after|starting|dated?|due|birthday|is|was|born|through|thru|to|of|for"
    r"|Due|ETA|[Ss]ee you|[Dd]eadline"
    r"|[Mm]on|[Tt]ues?|[Ww]ed|[Tt]hurs?|[Ff]ri|[Ss]at|[Ss]un|\w{2,6}day)[.,:]? \(?$"
)
_COUNTED = re.compile(
    r" (?:of|cups?|inch(?:es)?|in|miles?|teaspoons?|tablespoons?|tsp|tbsp|pounds?|lbs?|oz|full|an?|the|majority|scale"
    r"|stars?|time|rating|more|less|as|way)\b|-"
)
_AMOUNTS = re.compile(r"[ -](?:months?|years?|days?|weeks?|hours?|minutes?|percent|points?)\b")
_SCORED = re.compile(r"\b(?:ratio|rate|score|scored|odds|proportion|fraction)(?: (?:is|was|of|at))? $", re.IGNORECASE)
_ON = re.compile(
    r"\b(?:on|by|until|[Dd]ue|ETA|[Ss]ee you|[Dd]eadline|dated|(?:between|from) [0-9]{1,2}/[0-9]{1,2} (?:and|to)) $"
)
_FRACTIONS = frozenset([*range(2, 17), 20])
_THE = re.compile(r"\bthe $", re.IGNORECASE)
_PLURAL = re.compile(r" (?:[a-z]{2,}[^suai\W]s|people|men|women|children|more) (?!\w+ed\b)[a-z]")
_DEFINITE = re.compile(
    r"\b(?:the|this|last|next|on|by|until|since|before|after|from|through|its|their|our|his|her) $", re.I
)
_VERB = re.compile(r" (?:be|have|not|need|want|also|I|he|she|we|you|they|it|help|take|cause)\b")
_LOWER_NAMES = word_set(
    """
    january february april june july august september october november december jan feb apr aug sept oct nov dec
    """
)


def _is_day(written: str) -> bool:
    return 1 <= int(written) <= 31


def _with_year(date: str, written: str | None) -> str:
    """Return a date with its year behind it, as written with four digits or with an apostrophe and two."""
    if written is None:
        return date
    return f"{date}, {year(full_year(written.lstrip(chr(39))))}"


def _day(month: int, day: str | int) -> str:
    return f"{MONTHS[month - 1]} {ordinal(day)}"


def _say_month_day(match: re.Match[str]) -> str | None:
    month, day, day2 = match["month"], match["day"], match["day2"]
    if not _is_day(day) or (month.islower() and not _is_lower_date(match)) or _is_count(match):
        return None
    spoken = f"{month_name(month)} {match['the'] or ''}{ordinal(day)}"
    if day2 is not None:
        if not _is_day(day2):
            return None
        join = match["join"].strip()
        other = f"{month_name(match['month2'])} " if match["month2"] else ""
        spoken += f" {'to' if join in ('-', '–') else join} {other}{ordinal(day2)}"
    return _with_year(spoken, match["year"]) + (" to " if match["to"] else "")


def _is_count(match: re.Match[str]) -> bool:
    """Return whether the number begins a sentence or counts: `in May. 12 people`, `in May 30 people`."""
    month = match["month"]
    if month.endswith(".") and month_name(month) == month[:-1].lower():
        return True
    if match["suffix"] or match["year"] or match["the"] or match["day2"]:
        return False
    return bool(follows(_PLURAL, match)) and not precedes(_DEFINITE, match)


def _is_lower_date(match: re.Match[str]) -> bool:
    """Return whether a month in lower case is one; `may` and `march` are only with a suffix or a year."""
    return match["month"].rstrip(".") in _LOWER_NAMES or bool(match["suffix"] or match["year"])


def _say_day_month(match: re.Match[str]) -> str | None:
    day, month, day2 = re.match(r"[0-9]+", match[0]), match["month"], match["day2"]
    if day is None or not _is_day(day[0]) or (month == "May" and follows(_VERB, match)):
        return None
    days = ordinal(day[0])
    if day2 is not None:
        if not _is_day(day2):
            return None
        join = match["join"].strip()
        days += f" {'to' if join in ('-', '–') else join} {ordinal(day2)}"
    name = month_name(month)
    spoken = f"{days} of {name}" if precedes(_THE, match) else f"{name} {days}"
    return _with_year(spoken, match["year"] or match["short"]) + (" to " if match["to"] else "")


def _say_month_year(match: re.Match[str]) -> str | None:
    """Read `Sept. 2024`; what upstream reads right is left."""
    name = month_name(match["month"])
    if match["month"].islower() or (match["month"].lower() == name and match["join"] == " "):
        return None
    join = " of " if match["join"] == " of " else " "
    return f"{name}{join}{year(match['year'])}"


def _say_month_range(match: re.Match[str]) -> str | None:
    if match["month"].islower():
        return None
    written = match["year"]
    spoken = f"{month_name(match['month'])} to {month_name(match['month2'])}"
    return f"{spoken} {year(full_year(written.lstrip(chr(39))))}" if written else spoken


def _say_iso(match: re.Match[str]) -> str | None:
    """Read `2024-05-17`, and leave the time of day behind it to the rules of times."""
    month = int(match["month"])
    if not 1 <= month <= 12 or not _is_day(match["day"]):
        return None
    if match["sign"] == "." and len(match["month"]) == 1:
        return None
    date = f"{_day(month, match['day'])}, {year(match[0][:4])}"
    if match["time"] is None:
        return date
    zone = (match["zone"] or "").strip()
    return f"{date}, {match['time']}{' UTC' if zone in ('Z', '+00:00', '+0000') else ''}"


def _say_numeric(match: re.Match[str]) -> str | None:
    """Read a date with the month first; with the day first where there are points, or where no month is so high.

    Before a unit of time the numbers are a list of amounts: `12/24/36 months`.
    """
    sign, written = match["sign"], match["year"]
    first, second = int(match[0].split(sign)[0]), int(match["second"])
    if follows(_AMOUNTS, match):
        return ", ".join(map(cardinal, match[0].split("/"))) if sign == "/" else None
    if len(written) == 2 and (sign == "-" or (sign == "." and len(match[0]) < 8)):
        return None
    month, day = (second, first) if sign == "." or first > 12 else (first, second)
    if sign == "." and month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{_day(month, day)}, {year(full_year(written))}"


def _say_short(match: re.Match[str]) -> str | None:
    """Read `12/25`; `1/2` and `3/4` are fractions, but not behind a word that stands before dates."""
    written, second = match[0].partition("/")[0], match["second"]
    month, day = int(written), int(second)
    if match[0] == "9/11":
        return "nine eleven"
    if not (1 <= month <= 12 and 1 <= day <= 31) or match[0] == "7/11":
        return None
    if follows(_COUNTED, match) or precedes(_SCORED, match):
        return None
    is_padded = written.startswith("0") or second.startswith("0")
    is_date = is_padded or day not in _FRACTIONS or precedes(_ON, match)
    return _day(month, day) if is_date or (precedes(_DATED, match) and day > 4) else None


RULES = (
    Rule("date", _ISO, _say_iso),
    Rule("date", _NUMERIC, _say_numeric),
    Rule("date", _SHORT, _say_short),
    *month_names.WEEKDAYS,
    Rule("date", _DAY_MONTH, _say_day_month),
    Rule("date", _MONTH_DAY, _say_month_day),
    Rule("date", _MONTH_RANGE, _say_month_range),
    Rule("date", _MONTH_YEAR, _say_month_year),
    *month_names.MONTHS_ALONE,
    *years.RULES,
)
