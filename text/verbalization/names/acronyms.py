"""Words in capitals and with digits: `the FBI`, `NASA`, `GPT-4o`, `H2O`, `iOS`.

A short word in capitals is read as letters unless it is known to be a word; one of four letters or more that can be
pronounced is read as a word unless it is known to be letters. A word that is shouted stays a word.
"""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.names.acronym_names import AMBIGUOUS, READ_AS_LETTERS, READ_AS_WORDS, SHOUTED, SPECIAL, UPSTREAM
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, digits, paired

_AROUND = 80
"""Characters on each side that show whether a text is shouted."""

_CAPITALS = re.compile(
    r"[A-Z](?<![\w&].)(?<![A-Za-z]'.)[A-Z]{1,14}(?P<ending>'?s(?!\w)|'S(?!\w))?"
    r"(?![A-Za-z0-9_]|'(?:LL|RE|VE|[DMT])(?!\w))"
)
_AMPERSAND = re.compile(r"[A-Z](?<!\w.)[A-Z]?&[A-Z]{1,2}(?P<ending>'?s\b)?(?!\w)")
_SLASHED = re.compile(r"[A-Z](?<![\w/].)[A-Z]{0,4}/[A-Z]{1,4}(?![\w/])")
_MIXED = re.compile(r"[A-Za-z](?<![\w'-].)[a-z]{0,10}[A-Z](?:[A-Za-z]{0,10}[A-Z]|[a-z]{1,2}[A-Z]?(?=s?\b))?s?(?!\w)")
_TAIL = re.compile(r"(?P<head>[A-Za-z]?[a-z]{1,10})(?P<tail>[A-Z]{2,5})(?P<plural>s?)")
_WITH_DIGITS = re.compile(
    r"[A-Z](?<![\w.$€£#-].)[A-Z]{0,4}(?:-(?=[0-9])|(?=[0-9]))"
    r"[0-9]{1,5}(?:\.[0-9]{1,2})?(?:(?!s\b)[A-Za-z]{1,3})?(?:-?[A-Z0-9]{1,3}){0,2}(?P<ending>'s|s)?(?![\w]|[-.,:/][0-9])"
)
_DIGIT_FIRST = re.compile(r"[0-9](?<![\w.,:/$€£#-].)-?[A-Z](?:[A-Z]{0,2}|-?[A-Z0-9]{1,3})(?![\w&]|[-.,:/][0-9])")
_NAME_AND_LETTERS = re.compile(r"-(?<=[A-Z]-)(?P<number>[0-9]{1,3})(?![\w.])")
_HYPHENED_LETTER = re.compile(r"(?<=[a-z] )[A-Z](?<!\w.)-[A-Z](?![\w-])")
_SHOUTED_BEFORE = re.compile(r"\b[A-Z]{5,}[ -]$")
_SHOUTED_BEHIND = re.compile(r"[ -][A-Z]{5,}\b")
_PART = re.compile(r"[A-Z]+|[0-9]+(?:\.[0-9]+)?|[a-z]+")

_WORD = re.compile(r"[A-Za-z]+")
_VOWEL = re.compile(r"[AEIOUY]")
# Consonants that no English word begins with, or has together.
_UNPRONOUNCEABLE = re.compile(
    r"[BCDFGHJKLMNPQRSTVWXZ]{4}|^(?!SCH|SCR|SHR|SPH|SPL|SPR|STR|THR|CHR)[BCDFGHJKLMNPQRSTVWXZ]{3}"
    r"|^(?!BL|BR|CH|CL|CR|CZ|DR|DW|FL|FR|GH|GL|GN|GR|KL|KN|KR|PH|PL|PN|PR|PS|RH|SC|SH|SK|SL|SM|SN|SP|SQ|ST|SV|SW|TH|TR"
    r"|TS|TW|VL|WH|WR)[BCDFGHJKLMNPQRSTVWXZ]{2}|^Y[BCDFGHJKLMNPQRSTVWXZ]|Q(?!U)|[AEIOU]{4}|J$|V$|[BCDFGHJKMNPQRTVWXZ]{2}[BCDFGJKMPQRVWXZ]$"
)
_UNPRONOUNCEABLE_START = re.compile(r"^[BCDFGHJKLMNPQRSTVWXZ]{4}")
_OF_AMBIGUOUS = re.compile(
    r"\b(?:[Tt]he|[Aa]n|[Oo]ur|[Yy]our|[Tt]heir|[Hh]is|[Hh]er|[Mm]y|[Ii]n|[Oo]f|[Ff]rom|[Aa]nd|[Ff]or|[Bb]y|[Tt]o) $"
)
_IT_NOUN = re.compile(
    r"-| (?:department|team|support|staff|guy|person|manager|infrastructure|systems?|services?|security|industry"
    r"|professionals?|specialist|consultant|company|companies|project|budget|jobs?)\b"
)


def letters(word: str) -> str:
    """Return a word letter by letter: `f b i`."""
    return " ".join(word.lower())


def _ended(spoken: str, ending: str | None) -> str:
    """Add a plural or possessive ending as upstream writes it: `c p u's`."""
    return f"{spoken}'s" if ending else spoken


def is_shouted(match: re.Match[str]) -> bool:
    """Return whether most words near a match are in capitals, and one of them is a common word."""
    text = match.string
    start = text.rfind("\n", max(0, match.start() - _AROUND), match.start()) + 1 or max(0, match.start() - _AROUND)
    end = text.find("\n", match.end(), match.end() + _AROUND)
    near = text[start : end if end >= 0 else match.end() + _AROUND]
    words = [word for word in _WORD.findall(near) if len(word) > 1]
    capitals = [word for word in words if word.isupper()]
    if len(words) < 3 or 10 * len(capitals) < 6 * len(words):
        return False
    return 4 * sum(_is_common(word) for word in capitals) >= len(capitals)


def _is_common(word: str) -> bool:
    return word.lower() in SHOUTED or (len(word) > 6 and word.lower() not in READ_AS_LETTERS | READ_AS_WORDS)


def _is_word(word: str) -> bool:
    """Return whether letters in capitals are read as a word, by themselves."""
    if word.lower() in READ_AS_WORDS:
        return True
    if word.lower() in READ_AS_LETTERS or len(word) < 4 or not _VOWEL.search(word):
        return False
    return not (_UNPRONOUNCEABLE_START if len(word) > 5 else _UNPRONOUNCEABLE).search(word)


def _say_capitals(match: re.Match[str]) -> str | None:
    ending = match["ending"]
    word = match[0].removesuffix(ending) if ending else match[0]
    if word in UPSTREAM:
        return None
    if match[0] in SPECIAL or word in SPECIAL:
        return None if is_shouted(match) and len(word) > 3 else SPECIAL.get(match[0]) or _ended(SPECIAL[word], ending)
    lower = word.lower()
    if lower in AMBIGUOUS and not ending:
        return _say_ambiguous(match, lower)
    if lower in SHOUTED and lower not in READ_AS_LETTERS:
        return None
    if _is_word(word):
        return f"{lower}s" if ending == "s" else None
    if (is_shouted(match) or _beside_shouted(match)) and _VOWEL.search(word) and lower not in READ_AS_LETTERS:
        return None
    return _ended(letters(word), ending)


def _beside_shouted(match: re.Match[str]) -> bool:
    """Return whether a long word in capitals is next to it: `SAN DIEGO`, `RE-WRITE`."""
    return bool(precedes(_SHOUTED_BEFORE, match) or follows(_SHOUTED_BEHIND, match))


def _say_ambiguous(match: re.Match[str], lower: str) -> str | None:
    """Read `the US`, `the WHO`, `in IT` as letters and the same words for emphasis as words."""
    if is_shouted(match):
        return None
    if lower == "us":
        return "u s"
    if lower == "who":
        return "w h o" if re.search(r"\b[Tt]he $", match.string[: match.start()][-5:]) else None
    if lower == "it":
        return "i t" if precedes(_OF_AMBIGUOUS, match) or follows(_IT_NOUN, match) else None
    return None


def _say_ampersand(match: re.Match[str]) -> str:
    ending = match["ending"]
    first, second = (match[0].removesuffix(ending) if ending else match[0]).split("&")
    return _ended(f"{letters(first)} and {letters(second)}", ending)


def _say_slashed(match: re.Match[str]) -> str | None:
    if match[0] in SPECIAL:
        return SPECIAL[match[0]]
    first, second = match[0].split("/")
    if first.lower() in SHOUTED or second.lower() in SHOUTED:
        return None
    return " ".join(each.lower() if _is_word(each) else letters(each) for each in (first, second))


def _say_mixed(match: re.Match[str]) -> str | None:
    """Read `iOS`, `PhD`, and a name with an acronym behind it: `OpenAI`."""
    spoken = SPECIAL.get(match[0])
    if spoken is not None:
        return spoken
    tail = _TAIL.fullmatch(match[0])
    if tail is None:
        return None
    acronym = tail["tail"]
    said = acronym.lower() if _is_word(acronym) else letters(acronym)
    return _ended(f"{tail['head'].lower()} {said}", tail["plural"])


def _number(written: str) -> str:
    """Read a number in a name: in words up to two digits, in pairs up to four, else digit by digit."""
    if "." in written:
        whole, fraction = written.split(".")
        return f"{_number(whole)} point {digits(fraction)}"
    if written.startswith("0") or len(written) > 4:
        return (
            digits(written).replace("zero", "oh") if written.startswith("0") and len(written) > 1 else digits(written)
        )
    return cardinal(written) if len(written) < 3 else paired(written)


def _say_with_digits(match: re.Match[str]) -> str | None:
    ending = match["ending"]
    written = match[0].removesuffix(ending) if ending else match[0]
    parts = _PART.findall(written)
    if sum(len(part) for part in parts if part.isdigit()) > 8:
        return None
    spoken = " ".join(_part(part) for part in parts)
    if ending == "s" and parts[-1].isdigit():
        return f"{spoken[:-1]}ies" if spoken.endswith("y") else f"{spoken}{'es' if spoken.endswith('x') else 's'}"
    return _ended(spoken, ending)


def _part(part: str) -> str:
    if part[0].isdigit():
        return _number(part)
    return (
        part.lower()
        if part in ("COVID", "SARS", "MERS", "NASA") or (len(part) > 3 and _is_word(part))
        else letters(part)
    )


def _say_digit_first(match: re.Match[str]) -> str | None:
    """Read `4K`, `3D`, `5G`; `5M` and `3B` are left to upstream, which reads millions and billions."""
    if match[0][1:] in ("M", "B", "T") or match[0][1:] in ("AM", "PM"):
        return None
    return " ".join(_part(part) for part in _PART.findall(match[0]))


RULES = (
    Rule("letters", _WITH_DIGITS, _say_with_digits),
    Rule("letters", _DIGIT_FIRST, _say_digit_first),
    Rule("letters", _AMPERSAND, _say_ampersand),
    Rule("letters", _SLASHED, _say_slashed),
    Rule("letters", _MIXED, _say_mixed),
    Rule("letters", _CAPITALS, _say_capitals),
    Rule("letters", _NAME_AND_LETTERS, lambda match: f" {_number(match['number'])}"),
    Rule("letters", _HYPHENED_LETTER, lambda match: match[0].replace("-", " ").lower()),
)
