"""Emoji: takes out emoji, their `:codes:` and emoticons such as `:-)`, which are not read aloud.

The digits of keycaps and ratings in stars are read, and hearts where they are a word (`I ❤ you`, `<3`).
"""

import re

from text.aligned_text import AlignedText
from text.structure.markers import LINE_END

# Technical signs, dingbats and other pictures, but not arrows, box drawing, chess pieces and card suits, which have
# names, nor the signs of music and circled digits. Python's `re` has no class for emoji.
_PICTURE = (
    "[\u231a-\u23ff\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2653\u2668-\u266c\u2670-\u2775\u2795-\u2797\u27b0"
    "\u27bf\u2b12-\u2b2f\u2b50-\u2b94\u2b96-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f170-\U0001faff]"
)
_KEYCAP = re.compile("([0-9#*])\u20e3")
_HEART_VERB = re.compile(
    "(?:(?<=\\b[Ii] )|(?<=\\b[Ww]e )|(?<=\\bthey ))[\u2764\u2665\U0001f493-\U0001f49c\U0001f9e1](?= ?[A-Za-z])"
)
_EMOJI = re.compile(rf"(?P<line>(?<![^\n]) *)?{_PICTURE}(?: *{_PICTURE})*")

_STARS = re.compile("(?<!\u2605)(?P<full>\u2605{1,10})(?P<empty>\u2606{0,9})(?![\u2605\u2606])")

_CODE = re.compile(r"(?<![^\s:]):[a-z][a-z0-9_+-]{1,40}:(?=[\s:.,!?)]|\Z)")
_EMOTICON = re.compile(
    r"""
    (?<!\S) (?:
      [:;]['^o-]?(?:[()]{1,20}|[]\[DPpOoSs3/\\|*$>]) | =-?[()DPp]   # :-) ;) :D :P :/
      | [(][:;=] | [xX]D{1,9} | [:;]['-][()]
      | \^[_.-]?\^ | >[._]< | -[._]- | [oO][._][oO] | T[._]T | u[._]u | ;[_-]; | \\[oO]/ | </3
      | ¯\\_\(ツ\)_/¯
    )
    (?= [\s.,!?)] | \Z )
    """,
    re.VERBOSE,
)
# Not a comparison: `<3 km`, `it is <3`.
_HEART = re.compile(
    r"""
    (?<!\S)<3{1,9} (?= [.,!?)] | \s*\Z | [ ]<3 | \s+ (?! (?:
      [ckm]?m|[km]?g|lbs?|oz|m?s|sec\w*|min\w*|h|hours?|days?|weeks?|months?|years?|times|percent|people|items|or|and|x
    )\b) [A-Za-z\n] )
    (?<!\b[Ii][sf][ ]<3) (?<!\bare[ ]<3) (?<!\bwas[ ]<3) (?<!\bin[ ]<3)
    """,
    re.VERBOSE,
)


def without_emoji(text: AlignedText) -> AlignedText:
    """Take out emoji and emoticons. One that begins a line does so as a bullet: the line before it ends."""
    if not text.text.isascii():
        text = text.sub(_STARS, _stars).sub(_KEYCAP, _keycap).sub(_HEART_VERB, "heart").sub(_EMOJI, _silence)
    if ":" in text.text:
        text = text.sub(_CODE, _silence)
    return text.sub(_HEART, "heart").sub(_EMOTICON, _silence)


def _keycap(match: re.Match[str]) -> str:
    if match[1] in "#*":
        return " "
    begins_line = match.start() == 0 or match.string[match.start() - 1] == "\n"
    return f"{LINE_END if begins_line else ' '}{match[1]}{'.' if begins_line else ''} "


def _stars(match: re.Match[str]) -> str | None:
    """Read a rating of five or ten stars; other stars are ornaments."""
    full, every = len(match["full"]), len(match[0])
    if every not in (5, 10):
        return None
    return f" {full} stars " if full == every else f" {full} out of {every} stars "


def _silence(match: re.Match[str]) -> str:
    if match.re is _EMOJI and match["line"] is not None:
        return LINE_END
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return " " if before.isalnum() and after.isalnum() else ""
