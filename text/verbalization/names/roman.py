"""Roman numerals: `Henry VIII`, `World War II`, `Chapter IV`, `the XIX century`.

A numeral is an ordinal number after a person and a cardinal number after a thing. What stands before it decides: a
known heading or noun is a thing, a known first name or a title of rank is a person. Any other capitalised word is a
person from II to XX, unless it is formed like a noun (`StarCraft`, `Terminator`); else the letters are left.
"""

import re

from text.verbalization.context import follows, precedes
from text.verbalization.names.roman_names import FIRST_NAMES, HEADINGS, OTHER_WORDS, REGNAL, REGNAL_X, STARTS
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, ordinal, year

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_VALID = re.compile(r"M{0,3}(?:C[MD]|D?C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})")

_NUMERAL = re.compile(r"[IVXLCDM](?<![\w.'/&-].)[IVXLCDM]{0,14}(?![\w&/])(?!-[A-Z]|'[a-rt-z])")
_BEFORE = re.compile(
    r"(?:(?P<two>\w[\w'.]*)[ -])?(?P<one>\w[\w']*)(?P<stop>(?<=Vol|vol)\.|(?<=Ch|ch|Pt|pt|No|no|St)\.)? $"
)
_NO_WORD = re.compile(r"X{0,2}(?:III|VI{2,3}|I[VX]|VI|XI{2,3})(?<=...)|X{1,2}(?:IV|IX|VI{1,3}|V)(?<=...)")
_HEADING_BEHIND = re.compile(r"[.)](?: |$)")
_LIST_LABEL = re.compile(r"\((?P<numeral>i{2,3}|iv|vi{1,3}|ix|xi{0,3}v?)\)(?<!\(x\))")
_SMALL = re.compile(
    r"\b(?P<word>[Cc]hapters?|[Pp]arts?|[Aa]ct|[Ss]cene|[Vv]olume|[Bb]ook|[Pp]hase|[Pp]ages?|[Ss]ection|[Aa]rticle"
    r"|[Cc]anto|[Tt]ype|[Cc]lause|[Pp]aragraph|[Ff]igure|[Tt]able|pp?\.|[Cc]h\.|[Vv]ol\.)"
    r" (?P<numeral>[ivxl]{1,6})(?![\w'-])"
)
_CENTURY = re.compile(
    r" (?:[Cc]entur(?:y|ies)|[Oo]lympi(?:ad|c)|[Cc]ongress|[Ll]egion|(?:[A-Z][a-z]+ )?[Cc]orps|[Dd]ynasty)\b"
)

_LETTER_HEADINGS = re.compile(
    r"\b(?:World War|Chapter|Part|Act|Scene|Volume|Book|Phase|Section|Article|Title|Type|Class|Stage|Level|Division"
    r"|Grade|Tier|Group|Category|Appendix|Figure|Table|Episode|Season|Algebra|Calculus|Physics|Unit|Lesson|Mark"
    r"|Vatican|Schedule|Canto|Corps|Saturn|Rocky|Fantasy|iPhone|OS|Step|Round) $"
)
_SMALL_HEADING = re.compile(r"\b(?:type|phase|stage|class|grade|level|tier|group|category|factor|schedule|part) $")
_COMPOUND = re.compile(
    r" (?:diabetes|trials?|errors?|clinical|stud(?:y|ies)|collagen|cancers?|drugs?|evidence|device|hypersens\w+"
    r"|melanoma|tumou?rs?|schools?|felony|interferons?|topoisomerase|submarine|railroad)\b"
)
_RANK = re.compile(
    r"\b(?:King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Pharaoh|Prince|Princess|Duke|Patriarch|Shah|Saint"
    r"|St\.?|Archduke|Count|Earl|Antipope|Elector) (?:[A-Z]\w+ ){1,2}$"
)
_REIGNED = re.compile(
    r"(?:'s\b|[.,)!?]|$| (?:of|ruled|reigned|died|became|was|had|and|in|to|by|from|on|at|is|who|ascended|succeeded|came"
    r"|took|made|married|abdicated|inherited|founded|built|granted|with|as|style|did)\b| \()"
)
_NOUN = re.compile(r".*(?:craft|busters?|[a-z]ator|[a-z]man|ing|tion|lands?|ers|ness|ment|ity|ism|[a-z][A-Z].*)$")


def value(numeral: str) -> int | None:
    """Return the number that a Roman numeral in capitals stands for; None if it is not well formed."""
    if not numeral or not _VALID.fullmatch(numeral):
        return None
    values = [_VALUES[letter] for letter in numeral]
    return sum(-each if each < behind else each for each, behind in zip(values, [*values[1:], 0], strict=True))


def _say(match: re.Match[str]) -> str | None:
    numeral = match[0]
    number = value(numeral)
    if number is None:
        return None
    if len(numeral) == 1:
        return _say_letter(match, number)
    if follows(_CENTURY, match) and numeral not in OTHER_WORDS:
        return ordinal(number)
    before = precedes(_BEFORE, match)
    if before is not None:
        spoken = _say_behind(match, before["two"] or "", before["one"], number)
        if spoken is not None:
            return spoken
    is_heading = match.string[match.start() - 1 : match.start()] in ("", "\n") and follows(_HEADING_BEHIND, match)
    if is_heading or _NO_WORD.fullmatch(numeral):
        return cardinal(number)
    if len(numeral) >= 5 and 1000 < number < 2100 and numeral not in OTHER_WORDS:
        return year(number)
    return None


def _say_behind(match: re.Match[str], two: str, one: str, number: int) -> str | None:
    """Read a numeral of at least two letters behind one or two words."""
    word = one.lower()
    if word in HEADINGS and (one[0].isupper() or precedes(_SMALL_HEADING, match) or number < 40):
        is_other = match[0] in OTHER_WORDS - {"IV"} and word not in ("bowl", "wrestlemania")
        return None if is_other else cardinal(number)
    if word in ("to", "and", "through", "or"):
        return _say_second(match, number)
    if not one[0].isupper() or one.isupper() or match[0] in OTHER_WORDS - {"IV"}:
        return None
    if word in REGNAL or precedes(_RANK, match):
        return f"the {ordinal(number)}"
    if two.lower() in FIRST_NAMES or word in FIRST_NAMES:
        return f"the {ordinal(number)}"
    if number > 20 or _is_start(one):
        return None
    return cardinal(number) if _NOUN.fullmatch(one) else f"the {ordinal(number)}"


_PAIR = re.compile(r"\b[A-Z][a-z]+s? (?:[IVXL]+|[a-z-]+) (?:to|and|through|or) $")


def _say_second(match: re.Match[str], number: int) -> str | None:
    """Read the second of two numerals: `Chapters II and III`."""
    before = precedes(_PAIR, match)
    return cardinal(number) if before and before[0].split()[0].lower() in HEADINGS else None


def _is_start(word: str) -> bool:
    return word.lower() in STARTS


def _say_letter(match: re.Match[str], number: int) -> str | None:
    """Read I, V and X, which are numerals only behind a heading or a ruler's name."""
    letter = match[0]
    if letter not in "IVX":
        return None
    before = precedes(_BEFORE, match)
    is_named = letter != "I" and before is not None and before["one"].istitle() and before["one"].lower() in HEADINGS
    if precedes(_LETTER_HEADINGS, match) or (is_named and before and not before["one"].startswith("Gen")):
        return cardinal(number)
    if precedes(_SMALL_HEADING, match) and follows(_COMPOUND, match):
        return cardinal(number)
    if before is None or match.string[match.start() - 2] == "," or not before["one"][0].isupper():
        return None
    is_ruler = bool(precedes(_RANK, match))
    name = before["one"].lower()
    if letter == "X" and not is_ruler and name not in REGNAL_X:
        return None
    if not is_ruler and (name not in REGNAL or not follows(_REIGNED, match)):
        return None
    return f"the {ordinal(number)}"


def _say_small(match: re.Match[str]) -> str | None:
    number = value(match["numeral"].upper())
    if number is None or (match["numeral"] == "i" and match["word"].lower() not in ("chapter", "scene", "act")):
        return None
    return f"{match['word']} {cardinal(number)}"


def _say_label(match: re.Match[str]) -> str | None:
    number = value(match["numeral"].upper())
    return None if number is None else f"({cardinal(number)})"


RULES = (
    Rule("roman", _NUMERAL, _say),
    Rule("roman", _SMALL, _say_small),
    Rule("roman", _LIST_LABEL, _say_label),
)
