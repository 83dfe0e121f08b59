"""Parts of addresses: saints and streets, drives and doctors, directions, states."""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.names.abbreviations import NUMBER_WORD
from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import is_starter, stopped
from text.verbalization.word_set import word_set

_STATES = {
    "AL": "alabama", "AK": "alaska", "AZ": "arizona", "AR": "arkansas", "CA": "california", "CO": "colorado",
    "CT": "connecticut", "DE": "delaware", "FL": "florida", "GA": "georgia", "HI": "hawaii", "ID": "idaho",
    "IL": "illinois", "IN": "indiana", "IA": "iowa", "KS": "kansas", "KY": "kentucky", "LA": "louisiana",
    "ME": "maine", "MD": "maryland", "MA": "massachusetts", "MI": "michigan", "MN": "minnesota", "MS": "mississippi",
    "MO": "missouri", "MT": "montana", "NE": "nebraska", "NV": "nevada", "NH": "new hampshire", "NJ": "new jersey",
    "NM": "new mexico", "NY": "new york", "NC": "north carolina", "ND": "north dakota", "OH": "ohio", "OK": "oklahoma",
    "OR": "oregon", "PA": "pennsylvania", "PR": "puerto rico", "RI": "rhode island", "SC": "south carolina",
    "SD": "south dakota", "TN": "tennessee", "TX": "texas", "UT": "utah", "VT": "vermont", "VA": "virginia",
    "WA": "washington", "WV": "west virginia", "WI": "wisconsin", "WY": "wyoming", "DC": "d c",
}  # fmt: skip
_OLD_STATES = {
    "Ala": "alabama", "Ariz": "arizona", "Ark": "arkansas", "Calif": "california", "Colo": "colorado",
    "Conn": "connecticut", "Del": "delaware", "Fla": "florida", "Ga": "georgia", "Ill": "illinois", "Ind": "indiana",
    "Kan": "kansas", "Ky": "kentucky", "La": "louisiana", "Mass": "massachusetts", "Md": "maryland",
    "Mich": "michigan", "Minn": "minnesota", "Miss": "mississippi", "Mo": "missouri", "Mont": "montana",
    "Neb": "nebraska", "Nev": "nevada", "Okla": "oklahoma", "Ont": "ontario", "Ore": "oregon", "Pa": "pennsylvania",
    "Tenn": "tennessee", "Tex": "texas", "Va": "virginia", "Vt": "vermont", "Wash": "washington",
    "Wis": "wisconsin", "Wyo": "wyoming",
}  # fmt: skip
_STREETS = {
    "Ave": "avenue", "Blvd": "boulevard", "Rd": "road", "Ln": "lane", "Ct": "court", "Pl": "place", "Sq": "square",
    "Ter": "terrace", "Cir": "circle", "Pkwy": "parkway", "Hwy": "highway", "Expy": "expressway", "Tpke": "turnpike",
    "Dr": "drive", "St": "street", "Rte": "route",
}  # fmt: skip
_DIRECTIONS = {
    "N": "north", "S": "south", "E": "east", "W": "west",
    "NE": "northeast", "NW": "northwest", "SE": "southeast", "SW": "southwest",
}  # fmt: skip
_SAINTS = word_set(
    """
    agnes albans andrew andrews ann anne anthony augustine barts benedict bernard bonaventure brigid catherine cecilia
    charles clair clare cloud croix elmo francis george germain gregory helena helens ignatius james jerome john johns
    joseph jude kitts lawrence louis lucia lucie luke mark martin mary marys matthew michael moritz nicholas olaf
    pancras patrick paul peter petersburg pierre raphael stephen teresa therese thomas tropez valentine vincent vitus
    """
)

_STREET = re.compile(rf"(?<= )(?:{'|'.join(_STREETS)})\b\.?(?![\w'])")
_SAINT = re.compile(r"S(?<!\w.)(?:t|te)\.? (?=(?P<name>[A-Z][A-Za-z]+))")
_NAME_BEFORE = re.compile(
    r"(?:(?P<word>(?<![\w'])[A-Z][A-Za-z.'-]*)|(?<!\w)[0-9]+(?:st|nd|rd|th)"
    r"|(?:fir|[a-z]{2,}t?h|seco|thi)(?:st|nd|rd|(?<=th)))(?: (?:[NSEW]|[NS][EW]))? $"
)
_HOUSE = re.compile(rf"(?:[0-9]|\bhundred|\b{NUMBER_WORD})[a-z-]* $")
_HOUSE_AND_NAME = re.compile(rf"(?:\b[0-9]{{1,5}}|\b{NUMBER_WORD}|hundred)[a-z -]{{0,20}} (?:[A-Z][\w.'-]* ){{1,3}}$")
_NAME = re.compile(r" [A-Z]")
_DIRECTION = re.compile(r"(?<= )(?:[NS]\.?[EW]|[NSEW])\b\.?(?= (?:[A-Z][a-z]|[0-9]{1,3}(?:st|nd|rd|th)\b))")
_QUADRANT = re.compile(r"(?<= )[NS][EW]\b")
_AFTER_STREET = re.compile(r"\b(?:street|avenue|boulevard|road|lane|drive|court|place|way|[Ss]treet|[Aa]venue),? $")
_STATE = re.compile(rf", (?P<state>{'|'.join(_STATES)})\b(?![.'-]\w)")
_OLD_STATE = re.compile(rf", (?P<state>{'|'.join(_OLD_STATES)})\.")
_PARTY = re.compile(rf"(?<=\b[DRI])-(?P<state>{'|'.join((*_STATES, *_OLD_STATES))})(?:\.|\b(?!\.))")
_TOWN = re.compile(r"[A-Z][\w.'-]*$")
_WORDS = word_set("OR IN ME HI OK OH PA MA DE LA ID AL MS CO")
_PLACE = re.compile(
    r"(?:\b(?:[Ii]n|[Ff]rom|to|[Oo]f|[Nn]ear|[Aa]t|outside|for|around|through)|,) (?:[A-Z][\w'-]+ ){0,2}[A-Z][\w'-]+$"
)
_ADDRESS_END = re.compile(rf"(?P<code>,? (?:[0-9]{{5}}|{NUMBER_WORD}\b))|[.,;:)]|\n|$")
_POST_BOX = re.compile(r"P(?<!\w.)\.? ?O\.? (?=Box\b)")


def _say_saint(match: re.Match[str]) -> str | None:
    """Read `St.` before a name, unless it is a street that a sentence or its name ends with."""
    name = match["name"]
    if match[0].startswith("Ste") and name.lower() not in ("marie", "anne", "genevieve"):
        return None
    before = precedes(_NAME_BEFORE, match)
    if before is not None and not _begins_name(before):
        if is_starter(name):
            return None
        if name.lower() not in _SAINTS or before["word"] is None:
            return None
    return "saint "


def _begins_name(before: re.Match[str]) -> bool:
    """Return whether the word before is a part of a saint's place, or only begins the sentence."""
    word = before["word"]
    if word is None:
        return False
    if word in ("Mount", "Lake", "Port", "Fort", "Cape", "Sault", "Saint", "East", "West", "North", "South", "Visit"):
        return True
    return is_starter(word)


def _say_street(match: re.Match[str]) -> str | None:
    name = match[0].rstrip(".")
    before = precedes(_NAME_BEFORE, match)
    if before is None or (before["word"] is not None and is_starter(before["word"])):
        return None
    if name == "Dr" and not _is_drive(match):
        return None
    if name in ("Ct", "Pl", "Ter", "Cir", "Sq") and not precedes(_HOUSE_AND_NAME, match) and not match[0].endswith("."):
        return None
    words = _STREETS[name]
    return stopped(match, words) if match[0].endswith(".") else words


def _is_drive(match: re.Match[str]) -> bool:
    """Return whether `Dr.` is a street's: after a house number and a name, or before no name."""
    return bool(precedes(_HOUSE_AND_NAME, match)) or not follows(_NAME, match)


def _say_direction(match: re.Match[str]) -> str | None:
    if not precedes(_HOUSE, match) and not precedes(_AFTER_STREET, match):
        return None
    return _DIRECTIONS[match[0].replace(".", "")]


def _say_quadrant(match: re.Match[str]) -> str | None:
    return _DIRECTIONS[match[0]] if precedes(_AFTER_STREET, match) or precedes(_HOUSE, match) else None


_DOCTOR_BEHIND = re.compile(r", [a-z]")


def _say_state(match: re.Match[str]) -> str | None:
    state = match["state"]
    if state == "MD" and follows(_DOCTOR_BEHIND, match):
        return ", m d"
    if not _TOWN.search(match.string, max(0, match.start() - 20), match.start()):
        return None
    if state in _WORDS:
        end = follows(_ADDRESS_END, match)
        if end is None or not (end["code"] or _PLACE.search(match.string, max(0, match.start() - 40), match.start())):
            return None
    return f", {_STATES[state]}"


def _say_old_state(match: re.Match[str]) -> str | None:
    if not _TOWN.search(match.string, max(0, match.start() - 20), match.start()):
        return None
    return stopped(match, f", {_OLD_STATES[match['state']]}")


def _say_party(match: re.Match[str]) -> str:
    """Read what stands behind a member of Congress: `D-Calif.`, `R-TX`."""
    state = match["state"]
    return f"-{_STATES.get(state) or _OLD_STATES[state]}"


RULES = (
    Rule("address", _POST_BOX, lambda _: "p o "),
    Rule("address", _STATE, _say_state),
    Rule("address", _OLD_STATE, _say_old_state),
    Rule("address", _PARTY, _say_party),
    Rule("address", _SAINT, _say_saint),
    Rule("address", _DIRECTION, _say_direction),
    Rule("address", _STREET, _say_street),
    Rule("address", _QUADRANT, _say_quadrant),
)
