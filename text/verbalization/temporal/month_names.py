"""Names of months and days of the week, and abbreviated ones: `Fri., Oct. 11`, `Mon-Fri`, `in Jan.`.

Upstream takes any `Jan`, `Mar`, `Mon`, `Wed` and `Sat` for a date. Where one is a name or a verb, it becomes lower
case.
"""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import ends_sentence

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MONTH = (
    r"[ADFJMNOSadfjmnos](?<![\w'.@-].)(?i:(?<=j)(?:an(?:uary)?|une?|uly?)|(?<=f)eb(?:ruary)?|(?<=m)a(?:rch|r|y)"
    r"|(?<=a)(?:pr(?:il)?|ug(?:ust)?)|(?<=s)ept?(?:ember)?|(?<=o)ct(?:ober)?|(?<=n)ov(?:ember)?|(?<=d)ec(?:ember)?)"
    r"(?:\.|(?!\w))"
)
"""A month at the beginning of a pattern, with its full stop. It begins with a set of characters, found fastest."""

LATER_MONTH = (
    r"(?:J(?:an(?:uary)?|une?|uly?)|Feb(?:ruary)?|Ma(?:rch|r|y)|A(?:pr(?:il)?|ug(?:ust)?)|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?"
    r"|AUG(?:UST)?|SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)(?:\.(?= [a-z0-9]|,)|(?!\w))"
)
"""A month inside a pattern; its full stop belongs to it only in the middle of a sentence."""

_SHORT_DAY = r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_WEEKDAY = re.compile(
    r"[FMSTW](?<![\w'.@-].)(?:(?<=M)on|(?<=T)(?:ues?|hu(?:rs?)?)|(?<=W)ed|(?<=F)ri|(?<=S)(?:at|un))(?!\w|')"
    rf"(?P<dot>\.?)(?:(?P<join> ?[-–/] ?| & )(?P<last>{_SHORT_DAY})(?P<dot2>\.?)(?!\w))?"
)
_SHORT_MONTH = re.compile(
    r"[ADFJMNOS](?<![\w'.@-].)(?:(?<=J)(?:an|un|ul)|(?<=F)eb|(?<=M)ar|(?<=A)(?:pr|ug)|(?<=S)ept?|(?<=O)ct|(?<=N)ov|(?<=D)ec)"
    r"(?!\w|')(?P<dot>\.?)"
)
_DATE_AHEAD = re.compile(
    rf",? (?:{LATER_MONTH} ?[0-9]|[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?{LATER_MONTH}|[0-9]{{1,2}}[/:-][0-9]"
    r"|[0-9]{1,2} ?[ap]\.?m|at (?:[0-9]|noon)|noon|morning|afternoon|evening|night|(?:january|february|march|april|may"
    r"|june|july|august|september|october|november|december) \w+(?:th|st|nd|rd)\b)"
)
_DAY_BEFORE = re.compile(
    rf"(?:\b(?:on|every|each|next|last|this|by|until|till|through|thru|from|closed|open)"
    rf"|\b{_SHORT_DAY}\.?(?:,| and| or| &)"
    r"|\w+day(?:,| and| or)) $"
)
_MONTH_BEFORE = re.compile(
    r"\b(?:in|since|by|until|till|from|last|next|this|early|late|mid|of|through|to|during|between|before|after|every"
    r"|[12][0-9]{3}|ends|starts|begins) $"
)
_BEFORE_PERSON = re.compile(r"\b(?:from|to|by|of|before|after|between) $")
_MIDDLE = re.compile(r" [a-z0-9(&]|,")
_MISTAKEN_DAYS = frozenset(["Mon", "Wed", "Sat"])
_MISTAKEN_MONTHS = frozenset(["Jan", "Mar"])
_SUN = re.compile(r"\bthe $", re.IGNORECASE)


def month_number(written: str) -> int:
    """Return a month's number, 1 to 12, of its name or abbreviation."""
    start = written.lower()[:3]
    return next(index for index, name in enumerate(MONTHS, 1) if name.startswith(start))


def month_name(written: str) -> str:
    """Return a month's full name in lower case."""
    return MONTHS[month_number(written) - 1]


def _day_name(written: str) -> str:
    start = written.lower()[:3]
    return next(name for name in _DAYS if name.startswith(start))


def _say_weekday(match: re.Match[str]) -> str | None:
    written = match[0].rstrip(".")
    if match["last"]:
        first, last = match[0][:3], match["last"]
        join = "and" if "&" in match["join"] else "to"
        stop = "." if match["dot2"] and ends_sentence(match, by_default=True) else ""
        return f"{_day_name(first)} {join} {_day_name(last)}{stop}"
    is_date = bool(follows(_DATE_AHEAD, match))
    if match["dot"]:
        is_date = is_date or bool(precedes(_DAY_BEFORE, match)) or bool(follows(_MIDDLE, match))
        if not is_date or (written == "Sun" and precedes(_SUN, match)):
            return None
        return f"{_day_name(written)}{'.' if ends_sentence(match, by_default=True) else ''}"
    if is_date or (written not in ("Sun", "Sat") and precedes(_DAY_BEFORE, match)):
        return _day_name(written)
    return written.lower() if written in _MISTAKEN_DAYS else None


def _say_short_month(match: re.Match[str]) -> str | None:
    written = match[0].rstrip(".")
    is_month = bool(precedes(_MONTH_BEFORE, match))
    if match["dot"]:
        if not is_month and not follows(_MIDDLE, match):
            return f"{written.lower()}." if written in _MISTAKEN_MONTHS else None
        return f"{month_name(written)}{'.' if ends_sentence(match, by_default=True) else ''}"
    if written in ("Jun", "Jul", "Sep"):
        return month_name(written) if is_month else None
    if written in _MISTAKEN_MONTHS:
        return month_name(written) if is_month and not _is_person(match, written) else written.lower()
    return None


def _is_person(match: re.Match[str], written: str) -> bool:
    """Return whether a preposition stands before the name Jan: `from Jan`, `to Jan`, `by Jan`, `of Jan`."""
    return written == "Jan" and bool(precedes(_BEFORE_PERSON, match))


WEEKDAYS = (Rule("date", _WEEKDAY, _say_weekday),)
MONTHS_ALONE = (Rule("date", _SHORT_MONTH, _say_short_month),)
