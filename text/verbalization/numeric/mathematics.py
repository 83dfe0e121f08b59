"""Mathematics: operators between numbers and variables, powers, indices and functions of one letter.

`+`, `=` and a hyphen before a digit are upstream's, which reads them right.
"""

import re

from text.verbalization.context import always, follows, is_near, precedes, spaced
from text.verbalization.rule import Rule
from text.verbalization.words import cardinal, decimal, ordinal

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_POWER = re.compile(
    r"\^ ?(?<=[\w)\]].|[)\]\w] )(?:\{(?P<braced>[^{}]{1,20})\}|\((?P<bracketed>[^()]{1,20})\)"
    r"|(?P<bare>[-+]?(?:[0-9]{1,6}|[a-zA-Z](?![a-zA-Z]))))"
)
_SUPERSCRIPT = re.compile(r"[⁻⁺⁰¹²³⁴-⁹ⁿ](?<=[\w)\].,!?\"'].)(?<![⁻⁺⁰¹²³⁴-⁹].)[⁰¹²³⁴-⁹ⁿ]{0,6}(?![⁰¹²³⁴-⁹])")
_FOOTNOTE_BEFORE = re.compile(r"(?:[A-Za-z]{3}|[.,!?\"'])$")
_INDEX = re.compile(
    r"_(?:(?<=[0-9][A-Za-z]_)|(?<=\b[A-Za-z]_))(?:\{(?P<braced>[a-z0-9]{1,4})\}|(?=(?:[0-9]{1,2}|[a-z])(?![\w(])))"
)
_SCIENTIFIC = re.compile(
    r"(?P<number>[0-9](?<!\w.)(?<![.,].)[0-9]{0,2}(?:\.[0-9]{1,12})?)[eE](?P<power>[-+]?[0-9]{1,3})(?!\w|\.[0-9])"
)

_SIGNS = {
    "√": "the square root of",
    "∛": "the cube root of",
    "∞": "infinity",
    "π": "pi",
    "∑": "the sum of",
    "∏": "the product of",
    "∫": "the integral of",
    "∂": "partial",
    "∇": "del",
    "∈": "in",
    "∉": "not in",
    "⊂": "a subset of",
    "⊆": "a subset of",
    "∪": "union",
    "∩": "intersection",
    "∅": "the empty set",
    "∀": "for all",
    "∃": "there exists",
    "∴": "therefore",
    "∝": "is proportional to",
    "∠": "angle",
    "⊥": "is perpendicular to",
    "∥": "is parallel to",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "∓": "minus or plus",
    "÷": "divided by",
    "⋅": "times",
}
_SIGN = re.compile(f"[{''.join(_SIGNS)}]")
_RELATIONS = {
    "≤": "less than or equal to",
    "⩽": "less than or equal to",
    "<=": "less than or equal to",
    "≥": "greater than or equal to",
    "⩾": "greater than or equal to",
    ">=": "greater than or equal to",
    "≠": "not equal to",
    "!=": "not equal to",
    "≈": "approximately",
    "≅": "approximately",
    "≃": "approximately",
    "≡": "equivalent to",
    "≪": "much less than",
    "≫": "much greater than",
    "<": "less than",
    ">": "greater than",
}
_RELATION = re.compile(r"[≤⩽≥⩾≠≈≅≃≡≪≫]|[<>!]=|[<>](?<=[\w)] .)(?= [\w(.-])")
_OPERAND_BEFORE = re.compile(r"(?:(?<![A-Za-z])[A-Za-zα-ω]|[0-9²³%)\]]) ?$")
_VERB_BEFORE = re.compile(r"\b(?:is|are|be|was|were|stays|remains|if it's) $")

_TIMES = re.compile(r"[×*·](?:(?<=[\w)²³] .)|(?<=[\w)²³].))(?= ?[\w(√.-])")
_LETTER_X = re.compile(r"x(?:(?<=[0-9)] .)|(?<=[1-9].)|(?<=[0-9]0.))(?= ?[0-9(])")
_DIVIDED = re.compile(r"/(?<=[0-9)] .)(?= [0-9(])")
_OVER = re.compile(r"/(?<=[\w)²³].)(?=[\w(])")
_MINUS = re.compile(r"-(?<=[\w)²³] .)(?= [\w(√.])|-(?<=[=<>≤≥(] .)(?=[a-zA-Z(√])")
_FACTORIAL = re.compile(r"!(?<=[0-9n)].)(?= ?[=+*/)×<>])")
_SHORT_BEFORE = re.compile(r"(?:^|[^A-Za-z0-9])(?:[0-9.,]{1,20}[A-Za-z]?|[A-Za-z]|[^\n]?[)²³]) ?$")
_SHORT_BEHIND = re.compile(r" ?(?:[(√]|-?[0-9.][0-9.,]*(?![0-9])|[A-Za-z](?![A-Za-z]))")
_NUMBER_BEFORE = re.compile(r"[0-9)] ?$")
_NUMBER_BEHIND = re.compile(r" ?[-(]?\.?[0-9]")
_EQUALITY = re.compile(r"[=^≤≥≠]")
_EQUATION = re.compile(r"[=^≤≥<>+²³√×÷≠]")

_FUNCTION = re.compile(r"(?P<name>[A-Za-z](?<!\w.)(?:in|os|an|og|n|xp)?)(?P<prime>['′])?\((?P<inner>[^()]{1,20})\)")
_FUNCTIONS = {"sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log", "ln": "natural log", "exp": "exp"}
_INNER = re.compile(r"[A-Za-z0-9](?:[ ,+*/^²³0-9-]|\b[A-Za-z]\b|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|log |π)*")


def _power(written: str) -> str:
    """Return what is said behind a base: `squared`, `to the tenth`, `to the minus five`, `to the n`."""
    if written in ("2", "3"):
        return "squared" if written == "2" else "cubed"
    if written.isdigit():
        return f"to the {ordinal(written)}"
    if re.fullmatch(r"[-+][0-9]+", written):
        return f"to the {'minus' if written[0] == '-' else 'plus'} {cardinal(written[1:])}"
    if len(written) == 1:
        return f"to the {written.lower()}"
    inner = re.sub(r" ?([-+]) ?", lambda sign: " minus " if sign[1] == "-" else " plus ", written).strip()
    return f"to the power of {inner}"


def _say_power(match: re.Match[str]) -> str:
    return spaced(match, _power(match["braced"] or match["bracketed"] or match["bare"]))


def _say_superscript(match: re.Match[str]) -> str:
    """Read a raised number as a power; behind a word or a full stop it is a footnote's, which is not said."""
    raised = match[0].translate(_RAISED)
    if precedes(_FOOTNOTE_BEFORE, match) or raised == "1" or raised in ("-", "+"):
        return ""
    return spaced(match, _power(raised))


def _say_index(match: re.Match[str]) -> str:
    return f" {match['braced'] or ''}"


def _say_scientific(match: re.Match[str]) -> str:
    return f"{decimal(match['number'])} times ten {_power(match['power'].removeprefix('+'))}"


_MENU = re.compile(r" > (?<=[a-z]{2}...)(?=[A-Z][a-z])")
_ASKED = re.compile(r"\b(?:[Ii]s|[Aa]re) \S{1,8} ?$")


def _say_relation(match: re.Match[str]) -> str:
    words = _RELATIONS[match[0]]
    if match[0] in ("<", ">") and precedes(_ASKED, match):
        return spaced(match, words.removeprefix("is "))
    needs_verb = bool(precedes(_OPERAND_BEFORE, match)) and not precedes(_VERB_BEFORE, match)
    return spaced(match, f"is {words}" if needs_verb else words)


def _say_times(match: re.Match[str]) -> str | None:
    """Read a cross, a star or a dot between numbers; between variables only in an equation."""
    if not (precedes(_SHORT_BEFORE, match) and follows(_SHORT_BEHIND, match)):
        return None
    has_number = precedes(_NUMBER_BEFORE, match) or follows(_NUMBER_BEHIND, match)
    return spaced(match, "times") if has_number or is_near(_EQUATION, match) else None


def _say_over(match: re.Match[str]) -> str | None:
    """Read the slash of `a = b/c`; one between numbers is a fraction's."""
    if not (precedes(_SHORT_BEFORE, match) and follows(_SHORT_BEHIND, match)) or not is_near(_EQUALITY, match):
        return None
    return None if precedes(_NUMBER_BEFORE, match) and follows(_NUMBER_BEHIND, match) else " over "


def _say_minus(match: re.Match[str]) -> str | None:
    """Read a hyphen between numbers, or between variables in an equation; else it is a dash."""
    if match.string[match.start() - 1 : match.start()] != " " or match.string[match.end()] != " ":
        return "minus "
    if not (precedes(_SHORT_BEFORE, match) and follows(_SHORT_BEHIND, match)):
        return None
    both_numbers = precedes(_NUMBER_BEFORE, match) and follows(_NUMBER_BEHIND, match)
    return "minus" if both_numbers or is_near(_EQUATION, match) else None


def _say_sign(match: re.Match[str]) -> str:
    words = _SIGNS[match[0]]
    if match.string[max(0, match.start() - 4) : match.start()] == "the ":
        words = words.removeprefix("the ")
    return spaced(match, words)


def _say_function(match: re.Match[str]) -> str | None:
    """Read `f(x)` as `f of x`, `sin(2x)` as `sine of 2 x`."""
    name, inner = match["name"], match["inner"]
    if (len(name) > 1 and name not in _FUNCTIONS) or not _INNER.fullmatch(inner):
        return None
    if len(name) == 1 and inner == "s":
        return None
    return spaced(match, f"{_FUNCTIONS.get(name, name.lower())}{' prime' if match['prime'] else ''} of {inner}")


RULES = (
    Rule("menu", _MENU, always(", ")),
    Rule("mathematics", _SCIENTIFIC, _say_scientific),
    Rule("mathematics", _FUNCTION, _say_function),
    Rule("mathematics", _RELATION, _say_relation),
    Rule("mathematics", _TIMES, _say_times),
    Rule("mathematics", _LETTER_X, lambda match: spaced(match, "times")),
    Rule("mathematics", _DIVIDED, always("divided by")),
    Rule("mathematics", _OVER, _say_over),
    Rule("mathematics", _MINUS, _say_minus),
    Rule("mathematics", _FACTORIAL, always(" factorial")),
    Rule("mathematics", _POWER, _say_power),
    Rule("mathematics", _SUPERSCRIPT, _say_superscript),
    Rule("mathematics", _INDEX, _say_index),
    Rule("mathematics", _SIGN, _say_sign),
)
