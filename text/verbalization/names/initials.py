"""Letters with full stops: `U.S.`, `Ph.D.`, `J. K. Rowling`."""

import re

from text.verbalization.context import precedes
from text.verbalization.names.abbreviation_names import DOTTED
from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import ends_sentence, is_starter, stopped

_DOTTED = re.compile(r"[A-Za-z](?<![\w.'].)[a-z]?\.(?:[A-Za-z]{1,2}\.){1,6}(?!\w)|[A-Z](?<![\w.'].)\.[A-Z](?![\w.])")
_HALF_DOTTED = re.compile(r"[ei](?<![\w.'].)\.[ge]\b(?!\.)")
_INITIALS = re.compile(r"[A-Z](?<![\w.'-].)\.(?: [A-Z]\.){0,5}(?= (?P<next>[A-Z][A-Za-z'-]+))")
_SPECIES = re.compile(r"[A-HJ-Z](?<![\w.'-].)\.(?= [a-z]{3,})")

# What stands before a letter that is no initial.
_LABELED = re.compile(
    r"\b(?:vitamins?|plan|gen|grade|type|hepatitis|class|group|option|exhibit|section|appendix|schedule|letter|point|team"
    r"|box|column|part|phase|gate|terminal|platform|side|row|train|line|model|figure|table|unit|building|door|answer"
    r"|minor|major|key|in|an?|the|straight|got|was|am|is|than|and|or|not|me|mr|mrs|dr) $",
    re.IGNORECASE,
)
_CAPITALIZED = re.compile(r"(?:^|[^\w])[A-Z][\w'-]+ $")


def _say_dotted(match: re.Match[str]) -> str:
    words = DOTTED.get(match[0].lower())
    if words is not None:
        following = match.string[match.end() : match.end() + 1]
        return words.removesuffix(",") if following in (",", ":") else words
    letters = " ".join(letter for letter in match[0].lower() if letter.isalpha())
    is_hour = letters in ("a m", "p m")
    return stopped(match, letters, by_default=is_hour) if match[0].endswith(".") else letters


def _say_initials(match: re.Match[str]) -> str | None:
    """Read initials before a name; a letter that ends a sentence is left (`plan B. Then`)."""
    letters = match[0].replace(".", "").lower()
    if len(letters) > 1:
        return None if is_starter(match["next"]) else letters
    if is_starter(match["next"]) or precedes(_LABELED, match):
        return None
    if letters == "i" and not precedes(_CAPITALIZED, match):
        return None
    return letters


def _say_species(match: re.Match[str]) -> str | None:
    return None if ends_sentence(match) else match[0][0].lower()


RULES = (
    Rule("abbreviation", _DOTTED, _say_dotted),
    Rule("abbreviation", _HALF_DOTTED, lambda match: DOTTED[match[0]]),
    Rule("abbreviation", _INITIALS, _say_initials),
    Rule("abbreviation", _SPECIES, _say_species),
)
