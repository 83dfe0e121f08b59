"""Ratios and verses, which look like clock times: `16:9 screen`, `odds of 3:1`, `scale 1:50`, `John 3:16`."""

import re

from text.verbalization.context import is_near, precedes
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal

_RATIO = re.compile(
    r"(?P<first>[0-9](?<!\w.)(?<![.,:/-].)[0-9]{0,3}):"
    r"(?P<second>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,6})(?![\w:]|[.,][0-9]| ?[aApP]\.?[mM])"
)
_SCREEN = re.compile(
    r"\b(?:screen|display|aspect|monitor|tv|television|format|video|image|photo|resolution|letterbox|widescreen|crop)s?\b",
    re.IGNORECASE,
)
_PROPORTION = re.compile(
    r"\b(?:ratio|odds|scale|scaled|favorite|mix|mixture|dilution|dilute|leverage|proportions?|split|score|scored|won|lost"
    r"|beat|led|lead|draw)\b",
    re.IGNORECASE,
)
_BOOK = re.compile(
    r"\b(?:Gen(?:esis)?|Exod(?:us)?|Leviticus|Numbers|Deuteronomy|Joshua|Judges|Ruth|Samuel|Kings|Chronicles|Ezra|Nehemiah"
    r"|Esther|Job|Psalms?|Ps|Prov(?:erbs)?|Ecclesiastes|Isaiah|Isa|Jeremiah|Lamentations|Ezekiel|Daniel|Hosea|Joel|Amos"
    r"|Jonah|Micah|Zechariah|Malachi|Matt(?:hew)?|Mark|Luke|John|Acts|Romans|Rom|Corinthians|Cor|Galatians|Ephesians"
    r"|Philippians|Colossians|Thessalonians|Timothy|Titus|Hebrews|James|Peter|Jude|Revelation|Rev|Quran|Surah)\.? $"
)


def _say(match: re.Match[str]) -> str | None:
    """Read a ratio; of two digits behind the colon only where a word near says so, else it may be a clock time."""
    first, second = match["first"], match["second"]
    if precedes(_BOOK, match):
        return f"{cardinal(first)} {cardinal(second)}"
    is_clock = len(first) <= 2 and len(second) == 2 and int(second) < 60
    if is_clock and second.startswith("0"):
        return None
    if is_near(_SCREEN, match):
        return None if is_clock and match[0] != "16:10" else f"{cardinal(first)} by {cardinal(second)}"
    if is_clock and not is_near(_PROPORTION, match):
        return None
    if len(second) > 2 and first != "1" and not is_near(_PROPORTION, match):
        return None
    return f"{cardinal(first)} to {cardinal(second)}"


RULES = (Rule("ratio", _RATIO, _say),)
