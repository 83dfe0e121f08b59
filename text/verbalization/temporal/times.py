"""Times of day and durations: `9:30 a.m.`, `3-5 pm`, `20:00`, `1:02:30` of a race, `5'30"`, `2h 15m`."""

import re
from collections.abc import Iterable

from text.verbalization.context import follows, is_near, precedes
from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import ends_sentence
from text.verbalization.words import cardinal, digits, two_digits

_HALF = r"(?: ?[aApP](?:\. ?[mM]\b\.?| ?[mM]\b))"
"""`a.m.` or `p.m.`."""
_HOUR = r"(?:2[0-4]|1[0-9]|0?[0-9])"
_CLOCK = r":[0-5][0-9]"
_START = r"[0-9](?<!\w.)(?<![.,:/$€£#'].)"
_TIMES = re.compile(
    rf"{_START}[0-9]?(?P<clock>{_CLOCK}(?::[0-5][0-9])?(?:\.[0-9]{{1,3}})?|\.[0-5][0-9](?={_HALF}))?(?P<half>{_HALF})?"
    rf"(?:(?P<join> ?[-–—] ?|-to-)(?P<hour2>{_HOUR})(?P<clock2>{_CLOCK})?(?P<half2>{_HALF})?(?![\w:/%°]|[.,][0-9]))?"
    r"(?P<sign> ?(?:h|hrs|Uhr)(?!\w)| (?:hours|minutes)\b)?(?![\w:%°$]|[.,/-][0-9])"
)
_LATER_HALF = re.compile(rf" (?:to|and|or|until|till|through|–|-) {_HOUR}(?:{_CLOCK})?{_HALF}")
_FRENCH = re.compile(rf"{_START}[0-9]?[hH](?P<minutes>[0-5][0-9])(?!\w)")
_RACE = re.compile(
    r"\b(?:race|races|raced|marathon|mile|lap|laps|ran|run|runs|running|finish|finished|finishes|record|swim|swam|triathlon"
    r"|sprint|ironman|relay|long|length|duration|runtime|lasts?|lasted|took|takes|elapsed|remaining|video|podcast|movie"
    r"|film|song|track|album|episode|recording|clip|audio|timer|10K|5K|half-marathon|splits?|pace)\b",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"\b(?:at|to|starts?|begins?|from|until|till|by|before|after|since|between|opens?|closes?|around|about) $"
)
_LENGTH_OF = re.compile(r" (?:mile|song|video|film|movie|clip|track|pace|run|race|marathon|episode|recording|timer)\b")
_RAN = re.compile(r"\b(?:in|time|pace|of|at|under|about|around) $")
_PRIMES = re.compile(
    r"[0-9](?<!\w.)(?<![.,].)[0-9]{0,2}'(?P<seconds>[0-5]?[0-9])(?P<tenths>\.[0-9]{1,2})?(?:\"|'')(?!\w)"
)
_LETTERS = re.compile(
    r"[0-9](?<!\w.)(?<![.,:/$-].)[0-9]{0,2}(?P<sign> ?(?:h|hrs?|m|min|mins|d))\.? ?(?P<second>[0-9]{1,2})"
    r" ?(?P<sign2>mins?|m|secs?|s|hrs?|h)"
    r"(?: ?(?P<third>[0-9]{1,2}) ?(?P<sign3>secs?|s|mins?|m))?(?![\w.]\w|\w|/)"
)
_NAMES = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
_CONTINUED = re.compile(
    r"[\"')]? (?:[ECMP][SD]?T|UTC|GMT|BST|CES?T|Eastern|Central|Pacific|Mountain|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
    r"|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|[A-Z]{3,})"
)


def _spoken_clock(hour: str, clock: str, *, has_half: bool) -> str:
    """Return a time of day with its minutes, seconds and fractions, written `:MM`, `:MM:SS` or `:MM:SS.fff`."""
    whole, point, fraction = (clock[1:], "", "") if clock[0] == "." else clock[1:].partition(".")
    minute, _, second = whole.partition(":")
    tail = f" point {digits(fraction)}" if point else ""
    if second in ("", "00") and not point:
        return f"{cardinal(hour)} {two_digits(minute)}" if minute != "00" else _full_hour(int(hour), has_half=has_half)
    spoken = f"{cardinal(hour)} {'oh oh' if minute == '00' else two_digits(minute)}"
    if second:
        spoken += f" {'oh oh' if second == '00' else two_digits(second)}"
    return spoken + tail


def _full_hour(hour: int, *, has_half: bool) -> str:
    if has_half:
        return cardinal(hour)
    if hour in (0, 24):
        return "midnight"
    return f"{cardinal(hour)} o'clock" if hour <= 12 else f"{cardinal(hour)} hundred"


def _spoken_half(written: str) -> str:
    return f" {written.strip()[0].lower()} m"


def _spoken(hour: str, clock: str | None, half: str | None, *, has_half: bool) -> str:
    words = _spoken_clock(hour, clock, has_half=has_half) if clock else cardinal(hour)
    return words + (_spoken_half(half) if half else "")


def _say_counted(hour: str, clock: str, sign: str) -> str | None:
    """Read `1:30 hours` and `3:45 minutes` as a duration, `14:30 hours` as a time of day."""
    parts = [hour, *clock[1:].split(":")]
    if "minutes" in sign and len(parts) == 2:
        return _counted(zip(parts, ("minute", "second"), strict=True))
    if int(hour) <= 12:
        return _counted(zip(parts, ("hour", "minute", "second"), strict=False))
    return f"{_spoken_clock(hour, clock, has_half=False)} hours" if "hours" in sign else None


def _say_times(match: re.Match[str]) -> str | None:
    """Read one time of day or a span of two; numbers without a colon are times only with `a.m.` or `p.m.`."""
    hour = re.match("[0-9]+", match[0])
    clock, half, hour2, clock2, half2 = match.group("clock", "half", "hour2", "clock2", "half2")
    if hour is None or not (half or clock or half2):
        return None
    if hour2 and not (half2 or (clock and clock2)):
        return None
    if (half or half2) and int(hour[0]) > 24:
        return None
    sign = match["sign"] or ""
    if sign and sign.strip() in ("hours", "minutes"):
        return _say_counted(hour[0], clock, sign) if clock and not (hour2 or half or "." in clock) else None
    if clock and not hour2 and not half:
        duration = _spoken_duration(match, hour[0], clock)
        if duration:
            return duration
    has_half = bool(half or half2) or bool(follows(_LATER_HALF, match))
    first = _spoken(hour[0], clock, half, has_half=has_half)
    if hour2 is None:
        return first + _stop(match, half)
    second = _spoken(hour2, clock2, half2, has_half=bool(half2))
    return f"{first} to {second}{_stop(match, half2)}"


def _stop(match: re.Match[str], half: str | None) -> str:
    """Return the full stop of a sentence that ends with `a.m.`."""
    if not half or not half.endswith(".") or follows(_CONTINUED, match):
        return ""
    return "." if ends_sentence(match, by_default=True) else ""


def _spoken_duration(match: re.Match[str], hour: str, clock: str) -> str | None:
    """Return the time of a race or the length of a film; None for a time of day.

    One with hours is read with its units (`one hour, two minutes, thirty seconds`), one without as two numbers.
    """
    if "." in clock:
        return None
    is_length = is_near(_RACE, match) and not precedes(_STARTS, match)
    if not is_length and int(hour) <= 24:
        return None
    parts = [hour, *clock[1:].split(":")]
    if len(parts) == 3:
        return _counted(zip(parts, ("hour", "minute", "second"), strict=True))
    if parts[1] == "00":
        is_adjective = follows(_LENGTH_OF, match)
        return f"{cardinal(hour)} {'minute' if is_adjective or int(hour) == 1 else 'minutes'}"
    return f"{cardinal(hour)} {two_digits(parts[1])}"


def _counted(parts: Iterable[tuple[str, str]]) -> str:
    counted = [f"{cardinal(number)} {unit}{'' if int(number) == 1 else 's'}" for number, unit in parts if int(number)]
    return ", ".join(counted) or "zero seconds"


def _say_primes(match: re.Match[str]) -> str | None:
    """Read `5'30"` as a time, where it is the time of a run or has too many inches for feet."""
    if int(match["seconds"]) < 12 and not (precedes(_RACE, match) and precedes(_RAN, match)):
        return None
    first = re.match("[0-9]+", match[0])
    if first is None or match["tenths"]:
        return None
    return _counted([(first[0], "minute"), (match["seconds"], "second")])


def _say_letters(match: re.Match[str]) -> str | None:
    """Read `2h 15m`, `1 hr 5 min 3 s`."""
    first = re.match("[0-9]+", match[0])
    signs = [match["sign"].strip()[0], match["sign2"][0], match["sign3"][0] if match["sign3"] else "s"]
    if first is None or signs[:2] not in (["h", "m"], ["m", "s"], ["d", "h"]):
        return None
    parts = [(first[0], _NAMES[signs[0]]), (match["second"], _NAMES[signs[1]])]
    if match["third"]:
        parts.append((match["third"], _NAMES[signs[2]]))
    return _counted(parts)


RULES = (
    Rule("time", _PRIMES, _say_primes),
    Rule("time", _LETTERS, _say_letters),
    Rule("time", _FRENCH, lambda match: f"{cardinal(match[0][:-3])} {two_digits(match['minutes'])}"),
    Rule("time", _TIMES, _say_times),
)
