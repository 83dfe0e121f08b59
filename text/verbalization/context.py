"""What stands around a match. Each look goes a fixed distance, so that a rule takes linear time."""

import re
from collections.abc import Callable

NEAR = 40
"""Characters on each side of a match that count as near."""

_FIRST_OF_TWO = r"(?:[0-9.,]+(?: ?[a-z'\"]{1,2})? (?:to|by) )?"
_STRONG_DETERMINER = re.compile(
    r"(?<![\w.,])(?:an?|another|each|every|one|two|three|four|five|six|seven|eight|nine|ten|[2-9])"
    rf"(?: \w{{1,12}}(?:ly|ed)| \w{{1,12}}-\w{{1,12}},?| new| mere| record| whopping| single)? [\"']?{_FIRST_OF_TWO}$",
    re.IGNORECASE,
)
_WEAK_DETERMINER = re.compile(
    rf"(?<!\w)(?:the|this|that|these|those|my|your|his|her|its|our|their)(?: new)? [\"']?{_FIRST_OF_TWO}$",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"[ -]([A-Za-z]+)")
_COMPOUND = re.compile(r" \([^()]{1,20}\) [a-z]|-an?-| by [0-9]")
_MEASURED_NOUN = re.compile(
    r"[ -](?:dash|sprint|race|relay|hurdles|freestyle|bottles?|cans?|bags?|box|jars?|winds|chargers?|adapters?|bulbs?"
    r"|battery|batteries|monitors?|screens?|drives?|apartments?|lens|radius|limit|zone|pistol|pizza|steak|drill|floppy)\b"
)
_NO_NOUN = re.compile(
    r"(?:a|about|above|after|again|ago|all|alone|also|although|am|among|an|and|any|apart|apiece|are|around|as|at"
    r"|away|back|be|because|been|before|behind|below|between|beyond|both|but|by|came|can|cheaper|could|deep"
    r"|despite|did|do|does|down|during|each|either|else|even|ever|every|extra|faster|first|flat|for|from|give"
    r"|given|go|goes|gone|got|had|has|have|he|heavy|her|here|hers|high|him|his|how|however|i|if|in|instead|into"
    r"|is|it|its|just|last|later|left|less|like|long|longer|lost|made|may|me|might|more|most|must|my|near|nor"
    r"|not|now|of|off|on|once|only|onto|or|our|out|over|owed|paid|per|plus|rather|she|shorter|should|since|so"
    r"|some|soon|spent|still|such|tall|taller|than|that|the|their|them|then|there|these|they|thick|this|those"
    r"|though|through|till|to|today|tomorrow|tonight|too|total|toward|towards|under|unless|until|up|upon|us"
    r"|very|via|was|we|went|were|what|when|where|whether|which|while|who|whose|why|wide|will|with|within"
    r"|without|won|worth|would|yesterday|yet|you|your"
    r"|don|didn|isn|wasn|hasn|doesn|couldn|wouldn|aren|weren)",
    re.IGNORECASE,
)


def separated(match: re.Match[str], words: str) -> str:
    """Return words with a space where the match touches another word."""
    text = match.string
    left = " " if match.start() and text[match.start() - 1].isalnum() else ""
    right = " " if match.end() < len(text) and text[match.end()].isalnum() else ""
    return f"{left}{words}{right}"


def always(words: str) -> Callable[[re.Match[str]], str]:
    """Return how a match is read that is always the same words."""
    return lambda _: words


def spaced(match: re.Match[str], words: str) -> str:
    """Return words with a space on each side where there is text but no space."""
    text = match.string
    left = " " if match.start() and text[match.start() - 1] not in " \n([{" else ""
    right = " " if match.end() < len(text) and text[match.end()] not in " \n)]},.;:!?" else ""
    return f"{left}{words}{right}"


def follows(pattern: re.Pattern[str], match: re.Match[str]) -> re.Match[str] | None:
    """Return what a pattern finds right behind a match."""
    return pattern.match(match.string, match.end())


def precedes(pattern: re.Pattern[str], match: re.Match[str]) -> re.Match[str] | None:
    """Return what a pattern, which ends in `$`, finds right before a match."""
    return pattern.search(match.string, max(0, match.start() - NEAR), match.start())


def is_near(pattern: re.Pattern[str], match: re.Match[str]) -> bool:
    """Return whether a pattern is found near a match, on either side."""
    text, start, end = match.string, match.start(), match.end()
    return bool(pattern.search(text, max(0, start - NEAR), start) or pattern.search(text, end, end + NEAR))


def is_adjective(match: re.Match[str]) -> bool:
    """Return whether a measure describes a noun: `a $5 bill`, `the 10 km run`. Then its unit has no plural."""
    if follows(_MEASURED_NOUN, match):
        return True
    if precedes(_STRONG_DETERMINER, match):
        return noun_follows(match) or bool(follows(_COMPOUND, match))
    return bool(precedes(_WEAK_DETERMINER, match)) and noun_follows(match, allow_participles=False)


def noun_follows(match: re.Match[str], *, allow_participles: bool = True) -> bool:
    """Return whether a word that may be a noun stands behind a match."""
    word = follows(_NEXT_WORD, match)
    if word is None or _NO_NOUN.fullmatch(word[1]):
        return False
    return allow_participles or not word[1].endswith("ed")
