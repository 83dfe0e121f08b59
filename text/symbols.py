"""Removes symbols that are not read aloud: drawings, ornaments and the marks of quoted lines.

Symbols that are read aloud keep upstream's reading: `3 > 2`, `C#`, `#5`, `~5`, `a = b`, `50%`.
"""

import re

_ARROW = "[\u2190-\u21ff]\ufe0f?"
_ARROWS = re.compile(rf"{_ARROW}(?: ?{_ARROW})*")
_ARROWS_BETWEEN = re.compile(rf"(?:(?<=\S)|(?<=\S ))(?:{_ARROWS.pattern})(?= ?\S)")
# Enclosing signs of Cyrillic numbers; box drawing, block elements and geometric shapes; Braille patterns.
_DRAWING = re.compile("[\u0488\u0489\u2500-\u25ff\u2731\u2758\u2800-\u28ff]")
# Chess pieces and card suits have names, which transliteration would join to the adjacent words.
_NAMED = re.compile("[\u2654-\u2667]")
# Transliteration would turn these into `<` and `>`.
_ANGLE_QUOTES = str.maketrans(dict.fromkeys("«»‹›〈〉《》\u2329\u232a", '"'))  # noqa: RUF001

# Not before a number: `> 5 kg` is a comparison.
_QUOTE_MARK = re.compile(r"^[ \t]*(?:>[ \t]*)+(?![ \t]*[>=\d])", re.MULTILINE)
_ORNAMENT = re.compile(
    r"""
    ([<>=~|_*^\#\\/%@&+$']) (?: [ ]?\1){2,}     # three of a kind: `=====`, `> > >`
    | <-{2,}>? | (?<!-)-{2,}>                   # `<--`, `-->`
    | -{4,} | -(?: [ ]-){2,}                    # a rule; two or three hyphens are a dash
    | [<>=~]{3,}                                # `<=>`, `==>`
    | (?: (?<!-)-+)? ([<>=~]) (?: -+\2){2,} -*  # `-=-=-=-`
    | [+] (?: -{2,}[+])+                        # the edge of a table: `+---+---+`
    | ~~                                        # struck out
    # A pair, unless it is an operator: a word or bracket on each side, and a space on both sides or on neither.
    | (?! (?<=[\w)\]]) .. [\w(\[] | (?<=[\w)\]][ ]) .. [ ][\w(\[] ) (?: == | << | >> )
    """,
    re.VERBOSE,
)


def without_drawings(text: str) -> str:
    """Remove drawings, which transliteration would turn into letters, digits or operators.

    An arrow between words becomes a comma, and angle quotes become plain quotation marks.
    """
    text = _ARROWS_BETWEEN.sub(", ", text)
    text = _ARROWS.sub(" ", text)
    text = _DRAWING.sub(" ", text)
    text = _NAMED.sub(r" \g<0> ", text)
    return text.translate(_ANGLE_QUOTES)


def without_ornaments(text: str) -> str:
    """Remove runs of ASCII symbols that draw a line, and the marks before quoted lines."""
    text = _QUOTE_MARK.sub("", text)
    return _ORNAMENT.sub(" ", text)
