r"""LaTeX: puts simple formulas between `$`, `$$`, `\(` and `\[` into words. `$5 and $10` is money."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text.aligned_text import AlignedText
from text.verbalization.words import decimal, ordinal

_LONGEST = 300
"""Characters of a formula; longer ones are left as they are."""
_DEEPEST = 20
"""Levels of braces in a formula."""

_FORMULA = re.compile(
    rf"""
    (?<![\\$\w])\$\$(?P<display>[^$]{{1,{_LONGEST}}})\$\$
    | (?<![\\$\w])\$(?![\s$])(?P<inline>[^$\n]{{1,{_LONGEST}}})(?<![\s\\])\$(?![0-9$])
    | (?<!\\)\\\((?P<round>[^$]{{1,{_LONGEST}}}?)\\\)
    | (?<!\\)\\\[(?P<square>[^$]{{1,{_LONGEST}}}?)\\\]
    """,
    re.VERBOSE,
)
# What makes it mathematics: a command, a raised or lowered letter, or only numbers, operators and single letters.
_ATOM = r"(?:[A-Za-z]{1,2}|[0-9]{1,9}(?:\.[0-9]{1,9})?[A-Za-z]?)"
_MATHEMATICS = re.compile(
    r".*?(?:\\[A-Za-z]{2}|[A-Za-z0-9)}]\s*\^|(?<![A-Za-z])[A-Za-z)}]_)"
    rf"|(?=.*[A-Za-z=<>+])[\s(|-]*{_ATOM}(?:[\s=<>+*/()!|'-]+{_ATOM})*[\s()!|']*\Z",
    re.DOTALL,
)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|\.[0-9]+|[a-z]{4,}|[A-Za-z]|\S", re.DOTALL)
_TEXT = re.compile(r"\\(?:text|textbf|textit|mathrm|operatorname|mbox)\s*\{([^{}]*)\}")

# fmt: off
_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)
_NAMES = {
    **dict(zip(_GREEK, _GREEK, strict=True)),
    "varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "varrho": "rho", "varsigma": "sigma",
    "varpi": "pi", "leq": "is less than or equal to", "le": "is less than or equal to",
    "leqslant": "is less than or equal to", "geq": "is greater than or equal to", "ge": "is greater than or equal to",
    "geqslant": "is greater than or equal to", "neq": "is not equal to", "ne": "is not equal to",
    "approx": "is approximately", "simeq": "is approximately", "to": "to", "rightarrow": "to", "longrightarrow": "to",
    "implies": "implies", "Rightarrow": "implies", "ldots": "and so on", "cdots": "and so on", "dots": "and so on",
    "lt": "is less than", "gt": "is greater than", "ll": "is much less than", "gg": "is much greater than",
    "times": "times", "cdot": "times", "ast": "times", "div": "divided by", "pm": "plus or minus",
    "infty": "infinity", "equiv": "is equivalent to", "sim": "is similar to", "propto": "is proportional to",
    "in": "is in", "notin": "is not in", "subset": "is a subset of", "cup": "union", "cap": "intersection",
    "sum": "the sum", "prod": "the product", "int": "the integral", "lim": "the limit", "partial": "partial",
    "forall": "for all", "exists": "there exists", "nabla": "del", "degree": "degrees", "circ": "degrees",
    "sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log", "ln": "the natural log of", "exp": "exp",
    "max": "max", "min": "min", "iff": "if and only if", "land": "and", "lor": "or", "mid": "given", "prime": "prime",
    "ell": "l", "hbar": "h bar", "angle": "angle", "perp": "is perpendicular to", "parallel": "is parallel to",
}
_PARTS = {
    "2": ("half", "halves"),
    "4": ("quarter", "quarters"),
    **{str(number): (ordinal(number), f"{ordinal(number)}s") for number in (3, *range(5, 13), 16)},
}
"""What the denominator of a fraction is called."""
_ACCENTS = {"hat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "dot": "dot"}
_RANGED = {"sum", "prod", "int", "lim", "max", "min"}
_SYMBOLS = {
    "+": "plus", "-": "minus", "=": "equals", "<": "is less than", ">": "is greater than", "*": "times", "/": "over",
    "%": "percent", "!": "factorial", "'": "prime", "±": "plus or minus", "×": "times", "π": "pi",
    "≤": "is less than or equal to", "≥": "is greater than or equal to", "≠": "is not equal to",
}
# fmt: on
_STOPS = {",": ",", ";": ",", ":": ",", "|": ",", "(": ",", ")": ",", "[": ",", "]": ","}
# fmt: off
_SILENT = {
    "displaystyle", "textstyle", "left", "right", "big", "Big", "bigl", "bigr", "mathbf", "mathbb", "mathcal",
    "quad", "qquad", "limits",
}
# fmt: on
_FUNCTIONS = set("fghFGHOPTEuv")
_POWERS = {"2": "squared", "3": "cubed", "\\circ": "degrees", "'": "prime", "\\prime": "prime", "*": "star"}


def formulas_in_words(text: AlignedText) -> AlignedText:
    """Put each formula into words, which stand for the whole formula."""
    return text.sub(_FORMULA, _said) if "$" in text.text or "\\" in text.text else text


def _said(match: re.Match[str]) -> str | None:
    formula: str = match[match.lastgroup or 0]
    if not _MATHEMATICS.match(formula):
        return None
    try:
        words = " ".join(_Reader(formula).words())
    except _NotSimple:
        return None
    # A comma stands for a bracket; those at the edges and beside another say nothing.
    words = re.sub(r"(?: ,)+", ",", f" {words}").strip(" ,")
    return f"{_space_before(match)}{words}{_space_after(match)}" if words else None


def _space_before(match: re.Match[str]) -> str:
    return " " if match.start() and match.string[match.start() - 1].isalnum() else ""


def _space_after(match: re.Match[str]) -> str:
    following = match.string[match.end() : match.end() + 3]
    return " " if following[:1].isalnum() and following.strip() != "th" else ""


class _NotSimple(Exception):
    """A formula is nested too deeply, or a command lacks what it needs."""


@dataclass
class _Part:
    """What stands where one letter could: `source` is its only symbol, or empty; a group has several words."""

    words: list[str]
    source: str = ""


class _Reader:
    """Reads a formula symbol by symbol."""

    def __init__(self, formula: str) -> None:
        self._texts = iter(_TEXT.findall(formula))
        self._tokens: list[str] = _TOKEN.findall(_TEXT.sub(r"\\text ", formula))
        self._position = 0
        self._depth = 0

    def words(self) -> Iterator[str]:
        """Yield the formula's words."""
        while (symbol := self._next()) is not None:
            yield from self._read(symbol).words

    def _next(self) -> str | None:
        if self._position == len(self._tokens):
            return None
        self._position += 1
        return self._tokens[self._position - 1]

    def _peek(self) -> str | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _argument(self) -> _Part:
        """Read what a command or `^` applies to: a letter, a command or a group."""
        symbol = self._next()
        if symbol is None:
            raise _NotSimple
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotSimple
        part = self._read(symbol)
        self._depth -= 1
        return part

    def _group(self, end: str) -> _Part:
        first = self._position
        words: list[str] = []
        while (symbol := self._next()) != end:
            if symbol is None:
                raise _NotSimple
            self._position -= 1
            words += self._argument().words
        inside = self._tokens[first : self._position - 1]
        return _Part(words, inside[0] if len(inside) == 1 else "")

    def _read(self, symbol: str) -> _Part:
        if symbol == "{":
            return self._group("}")
        if symbol == "^":
            return _Part(_power(self._argument()))
        if symbol == "_":
            return _Part(self._argument().words)
        if symbol.startswith("\\"):
            return self._command(symbol[1:])
        if symbol[-1] in "0123456789":
            return _Part([decimal(symbol)], symbol)
        if symbol == "-" and self._position == 1:
            return _Part(["minus"], symbol)
        if symbol == "(" and self._position > 1 and self._tokens[self._position - 2] in _FUNCTIONS:
            return _Part(["of"], symbol)
        spoken: str = _SYMBOLS.get(symbol) or _STOPS.get(symbol) or symbol.lower()
        return _Part([] if symbol in "}&~" else [spoken], symbol)

    def _command(self, name: str) -> _Part:
        if not name:
            return _Part([])
        if name == "text":
            return _Part(next(self._texts, "").split())
        if name in ("frac", "dfrac", "tfrac"):
            return self._fraction()
        if name == "sqrt":
            return self._root()
        if name == "vec":
            return _Part(["vector", *self._argument().words])
        if name in _ACCENTS:
            return _Part([*self._argument().words, _ACCENTS[name]])
        if name in _RANGED:
            return _Part([_NAMES[name], *self._range(), *(["of"] if name not in ("max", "min") else [])])
        if not name[0].isalpha():
            return _Part([_SYMBOLS[name]] if name == "%" else [])
        if name in _SILENT:
            return _Part([])
        return _Part([_NAMES.get(name, _NAMES.get(name.lower(), name.lower()))], f"\\{name}")

    def _fraction(self) -> _Part:
        upper, lower = self._argument(), self._argument()
        if lower.source in _PARTS and upper.source.isascii() and upper.source.isdigit() and len(upper.source) < 3:
            one, many = _PARTS[lower.source]
            return _Part([*upper.words, one if upper.source == "1" else many])
        return _Part([*upper.words, "over", *lower.words])

    def _root(self) -> _Part:
        degree = ""
        if self._peek() == "[":
            self._next()
            degree = self._group("]").source
        name = {"": "square", "2": "square", "3": "cube"}.get(degree)
        if name is None:
            name = ordinal(degree) if degree.isascii() and degree.isdigit() else f"{degree.lower()}-th"
        return _Part(["the", name, "root", "of", *self._argument().words])

    def _range(self) -> Iterator[str]:
        """Yield the limits of a sum, each of which may be missing."""
        bounds = {"_": "from", "^": "to"}
        while (mark := self._peek()) in bounds:
            self._next()
            words = self._argument().words
            yield "as" if mark == "_" and "to" in words else bounds[str(mark)]
            yield from words


def _power(exponent: _Part) -> list[str]:
    if exponent.source in _POWERS:
        return [_POWERS[exponent.source]]
    return ["to", "the", *exponent.words] if len(exponent.words) > 1 else ["to", "the", "power", "of", *exponent.words]
