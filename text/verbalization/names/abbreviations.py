"""Abbreviations that stand for words: titles, companies, references, days and months, `etc.`, `e.g.`, `w/o`."""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.names.abbreviation_names import BARE_TITLES, CAPITALIZED, NUMBERED, SLASHED, TITLES, WORDS
from text.verbalization.rule import Rule
from text.verbalization.sentence_ends import ends_sentence, stopped

NUMBER_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
)
"""The first word of a number."""

_WITH_STOP = re.compile(r"(?<![\w.'/])(?P<word>[A-Za-z]{1,6})\.(?![\w])")
_BARE_TITLE = re.compile(rf"\b(?:{'|'.join(BARE_TITLES)})(?= [A-Z][a-z'])")
_NAME = re.compile(r" (?:saint [A-Z]|(?:and|or|&) [A-Z][a-z]+\.|[\"'(]?[A-Z]|O'|[Vv]an |[Dd]e |[Vv]on |[Dd]u )")
_NUMBER = re.compile(rf" ?(?:[#(]?[0-9]|{NUMBER_WORD}\b|[ivxlc]{{1,6}}\b|[A-Z]\b)")
_ORDINAL_BEHIND = re.compile(
    r"(?:[0-9](?:st|nd|rd|th)|first|second|third|(?<!\w)(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf)th"
    r"|revised|rev\.|new|paperback|deluxe|special|limited) $",
    re.IGNORECASE,
)
_YEAR = re.compile(r" (?:in )?(?:1[0-9]{3}|20[0-9]{2}|(?:eigh|nine|seven|six)teen |twenty )")
_BY = re.compile(r" by\b")
_LISTED = re.compile(r"[,(] ?$")
_THE = re.compile(r"\b[Tt]he $")
_SLASHED = re.compile(r"[wbcnahyWNCA](?<![\w/.].)/(?:[oca](?!\w)|in\b|t\b|w\b|[OCA](?!\w)|(?= ?[A-Za-z0-9]))")
_VERSUS = re.compile(r"v(?<=[ ]v)s?(?=\.? [\"']?\w)\.?")
_COURT = re.compile(r"[A-Z][\w'.]*,? $")
_ET_CETERA = re.compile(r"(?:(?<= )|(?<=,)|(?<=\())(?:etc|&c)\.")
_ET_AL = re.compile(r"\b[Ee]t al\b\.?")
_DAY_WITHOUT_STOP = re.compile(r"T(?<!\w.)(?:hur?|ue)\b(?![.'-])")
_NAME_OR_MONTH = re.compile(r"[JMSWA](?<!\w.)(?:an|ar|at|on|ed|ve)\b")
_MONTH_BEFORE = re.compile(
    r"(?:\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ll]ast|[Nn]ext|[Bb]y|[Ff]rom|[Oo]f|[Ee]arly|[Ll]ate|mid|[Tt]ill|[Tt]hrough"
    r"|[Dd]uring|[Tt]his|[Oo]n|[Ee]very|[0-9])[ -]|[0-9/\u2013-])$"
)
_MONTH_BEHIND = re.compile(
    r" ?[\u2013/-]| (?:to|through|thru|until) (?:[A-Z]|mid|early|late)|,? ?[0-9]|,? (?:nineteen|twenty)"
)
_DAY_BEHIND = re.compile(
    r"[.,;:!?)\u2013/-]|$| (?:and|or|to|at|from|night|morning|afternoon|evening|through|thru|only|&|[0-9A-Z])"
)
_FRENCH = re.compile(r" (?:Dieu|Ami|Amour|Cher|Chéri|Maria|Imperator|Verum|Caesar|dieu|ami|amour|maria)\b")
_ANSWERED = re.compile(r"(?:[?!]|\b(?:said|says|answered|replied))[\"']? [\"']?$")


def _say_with_stop(match: re.Match[str]) -> str | None:
    written, word = match["word"], match["word"].lower()
    title = TITLES.get(written)
    if title and follows(_NAME, match):
        return None if written == "Gen" and follows(re.compile(r" [A-Z]\b"), match) else title
    number = follows(_NUMBER, match) if word in NUMBERED else None
    if number is not None and word == "no" and precedes(_ANSWERED, match):
        return None
    if number is not None:
        return _say_numbered(match, word, number[0])
    if word in ("ed", "eds"):
        return _say_edition(match, word)
    if word == "est":
        return _say_est(match, written)
    if word in WORDS and (word not in CAPITALIZED or written[0].isupper()):
        return _say_word(match, written, word)
    if written in ("hon", "rev", "gen", "lt") and ends_sentence(match, by_default=True):
        return f"{word} ."  # a space, for upstream would read it as a title
    return None


def _say_numbered(match: re.Match[str], word: str, behind: str) -> str | None:
    """Read `p. 12`, `No. 9`; what stands before a single letter or a Roman numeral must not be a word."""
    is_digit = bool(re.search(r"[0-9]|[a-z]{2}", behind)) and not re.fullmatch(r" ?[ivxlc]+", behind)
    if is_digit or word in ("fig", "figs", "vol", "ch", "chap", "apt", "sec", "pp", "eq", "ste", "app", "ver"):
        if word in ("max", "min", "temp", "app", "tab") and match["word"][0].isupper():
            return None
        return NUMBERED[word]
    if word == "p" and re.fullmatch(r" [ivxlc]+", behind):
        return "page"
    return None


def _say_edition(match: re.Match[str], word: str) -> str | None:
    if precedes(_ORDINAL_BEHIND, match):
        return stopped(match, "edition")
    if follows(_BY, match):
        return "edited"
    if match["word"][0] == "E" and not word.endswith("s"):
        return None  # the name Ed
    return stopped(match, "editors" if word == "eds" else "editor") if precedes(_LISTED, match) else None


def _say_est(match: re.Match[str], written: str) -> str | None:
    if follows(_YEAR, match):
        return "established"
    return None if written == "EST" else stopped(match, "estimated")


def _say_word(match: re.Match[str], written: str, word: str) -> str | None:
    ends = ends_sentence(match)
    if word == "jan" and ends and not precedes(_MONTH_BEFORE, match):
        return "jan ."
    if word == "sun" and (precedes(_THE, match) or ends):
        return None
    if word in ("sat", "mar") and written.islower():
        return None
    if word == "co" and match.string[match.start() - 1 : match.start()] in ("-", "."):
        return None
    if word == "ca" and written != "ca":
        return None
    return stopped(match, WORDS[word])


def _say_slashed(match: re.Match[str]) -> str | None:
    words = SLASHED.get(match[0].lower())
    if words is None:
        return None
    behind = match.string[match.end() : match.end() + 1]
    return f"{words} " if match[0].endswith("/") and behind != " " else words


def _say_versus(match: re.Match[str]) -> str | None:
    """Read `vs.`; and `v.` between two names, as the letter that lawyers say."""
    if match[0].startswith("vs"):
        return "versus"
    is_case = precedes(_COURT, match) and follows(re.compile(r" [A-Z]"), match)
    return "v" if is_case and match[0] == "v." else None


def _say_et_cetera(match: re.Match[str]) -> str:
    return stopped(match, "et cetera", by_default=True)


def _say_et_al(match: re.Match[str]) -> str:
    return stopped(match, "et al") if match[0].endswith(".") else "et al"


def _say_name_or_month(match: re.Match[str]) -> str | None:
    """Keep upstream from reading the name Jan, the verb sat, `Del Mar` and `Ave Maria` as dates and streets."""
    word = match[0]
    if word in ("Jan", "Mar"):
        is_name = not precedes(_MONTH_BEFORE, match) and not follows(_MONTH_BEHIND, match)
    elif word == "Sat":
        is_name = not follows(_DAY_BEHIND, match) and not precedes(_MONTH_BEFORE, match)
    elif word in ("Mon", "Ave"):
        is_name = bool(follows(_FRENCH, match))
    else:
        return None
    return word.lower() if is_name else None


def _say_bare_title(match: re.Match[str]) -> str:
    return TITLES[match[0]]


RULES = (
    Rule("abbreviation", _ET_CETERA, _say_et_cetera),
    Rule("abbreviation", _ET_AL, _say_et_al),
    Rule("abbreviation", _VERSUS, _say_versus),
    Rule("abbreviation", _WITH_STOP, _say_with_stop),
    Rule("abbreviation", _BARE_TITLE, _say_bare_title),
    Rule("abbreviation", _SLASHED, _say_slashed),
    Rule("abbreviation", _DAY_WITHOUT_STOP, lambda match: WORDS[match[0].lower()]),
    Rule("abbreviation", _NAME_OR_MONTH, _say_name_or_month),
)
