"""Symbols that no other rule has read: signs of rights and references, Greek letters, arrows, slashes between words."""

import re

from text.verbalization.context import follows, spaced
from text.verbalization.rule import Rule

_SIGNS = {
    "©": "copyright", "℗": "copyright", "§": "section", "¶": "paragraph", "№": "number", "°": "degrees",
    "‰": "per mille", "±": "plus or minus",
    "\N{MULTIPLICATION SIGN}": "times", "÷": "divided by", "≤": "less than or equal to",
    "≥": "greater than or equal to", "≠": "not equal to", "≈": "approximately", "∞": "infinity", "√": "square root",
    "¢": "cents", "£": "pounds", "¥": "yen", "€": "euros", "₹": "rupees", "₽": "rubles", "₩": "won", "₿": "bitcoin",
    "♯": "sharp", "♭": "flat", "℞": "prescription", "℅": "care of", "∑": "sum", "∆": "delta", "∫": "integral",
    "∈": "in", "∴": "therefore", "⇒": "implies",
}  # fmt: skip
_SILENT = "™®℠†‡¿¡¦¬"
_SEPARATORS = "•·‣∙|"
_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
"""From U+03B1 to U+03C9."""
_PAIRS = {
    "and/or": "and or", "either/or": "either or", "he/she": "he or she", "she/he": "she or he", "his/her": "his or her",
    "his/hers": "his or hers", "her/his": "her or his", "him/her": "him or her", "her/him": "her or him",
    "s/he": "he or she", "himself/herself": "himself or herself", "yes/no": "yes or no", "true/false": "true or false",
    "they/them": "they them", "she/her": "she her", "he/him": "he him", "mr/mrs": "mister or misess",
    "is/are": "is or are", "was/were": "was or were", "a/an": "a or an", "if/when": "if or when",
    "was/is": "was or is", "to/from": "to or from", "win/win": "win win",
}  # fmt: skip

_SIGN = re.compile(f"[{''.join(_SIGNS)}]")
_SIGN_ITSELF = re.compile(r" (?:sign|symbol)\b")
_SECTIONS = re.compile("§§")
_SILENT_SIGN = re.compile(f" ?[{_SILENT}](?!\\w)|[{_SILENT}]")
_SEPARATOR = re.compile(f" [{_SEPARATORS}] ")
_GREEK_TEXT = r"[\u0370-\u03ff\u1f00-\u1fff]"
_GREEK_LETTER = re.compile(rf"[\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u00b5](?<!{_GREEK_TEXT}.)(?!{_GREEK_TEXT})")
_ARROW = re.compile(r"(?<=[\w)\"'.]) ?(?:[→➔➜⟶⇨↦]|[-=]>) ?(?=[\w(\"'])")
_PAIR = re.compile(r"(?<![\w/])[A-Za-z]{1,7}/[A-Za-z]{2,7}\b(?!/)")
_SPACED_SLASH = re.compile(r"(?<=[\w.,;!?'\")]) / (?=[\w'\"(])")
_KEY = re.compile(r"(?<![\w'-])(?P<note>[A-G])(?P<sign>[#♯♭])(?![\w#])(?: (?=minor|major|chord))?")
_GRADE = re.compile(
    r"(?<![\w-])(?P<grade>[A-DF])-(?=[.,;:!?)]|$| (?:in|on|for|to|average|grade|student|from|or|at|this)\b)"
)
_NUMBER_OF = re.compile(r"#(?<!\w.)(?= (?:of\b|[0-9]))")
_DOLLAR = re.compile(r"\$(?<![\w$].)(?= (?:sign|amount|value|bills?)\b)")
_WAVE = re.compile(r"(?<=[A-Za-z!?.])~+(?=[\s!?.,]|$)|~(?= ?$)")


def _say_sign(match: re.Match[str]) -> str:
    words = _SIGNS[match[0]]
    return spaced(match, words.removesuffix("s") if follows(_SIGN_ITSELF, match) else words)


def _say_greek(match: re.Match[str]) -> str:
    letter = match[0]
    if letter == "\N{MICRO SIGN}":
        return spaced(match, "micro")
    return spaced(match, _GREEK[ord(letter.lower()) - 0x3B1])


def _say_pair(match: re.Match[str]) -> str | None:
    return _PAIRS.get(match[0].lower())


def _say_key(match: re.Match[str]) -> str:
    behind = " " if match[0].endswith(" ") else ""
    return f"{match['note'].lower()} {'flat' if match['sign'] == '♭' else 'sharp'}{behind}"


RULES = (
    Rule("symbol", _PAIR, _say_pair),
    Rule("symbol", _ARROW, lambda _: " to "),
    Rule("symbol", _KEY, _say_key),
    Rule("symbol", _GRADE, lambda match: f"{match['grade'].lower()} minus"),
    Rule("symbol", _SPACED_SLASH, lambda _: ", "),
    Rule("symbol", _NUMBER_OF, lambda _: "number"),
    Rule("symbol", _DOLLAR, lambda _: "dollar"),
    Rule("symbol", _WAVE, lambda _: ""),
    Rule("symbol", _SEPARATOR, lambda _: ", "),
    Rule("symbol", _SECTIONS, lambda match: spaced(match, "sections")),
    Rule("symbol", _SILENT_SIGN, lambda _: ""),
    Rule("symbol", _SIGN, _say_sign),
    Rule("symbol", _GREEK_LETTER, _say_greek),
)
