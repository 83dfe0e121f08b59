"""Drawings: takes out symbols that are not read aloud: arrows, frames, ornaments and rules.

Symbols that are read aloud keep upstream's reading: `3 > 2`, `C#`, `#5`, `~5`, `a = b`, `50%`.
"""

import re

from text.aligned_text import AlignedText
from text.structure.markers import LINE_END

_ARROW = "[\u2190-\u21ff\u2794\u2798-\u27af\u27b1-\u27be\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b11\u2b30-\u2b4f\u2b95]"
_ARROWS = re.compile(rf" ?{_ARROW}(?: ?{_ARROW})* ?")
_BACKSLASHES = re.compile(r"\\{3,}")
# Marks that begin a line as a bullet does.
_BULLET = re.compile(
    # The last two are dashes; that of a dialogue is one too.
    "(?<![^\\n]) *(?:[•·◦●○■□▪▫►▶▸➢➤✓✔✗✘☐☑☒※] *(?=\\S)|\u2013 +(?=\\S)|\u2014 *(?=[\"'A-Z]))"
)
_BULLET_IN_LINE = re.compile(rf"(?<={LINE_END}) *[-+*] (?=\S)")
_TASK_BOX = re.compile(r"(?<![^\n]) *\[[ xX]\] ")
_PIPE_BETWEEN = re.compile(r"(?<=[\w.)\"']) \| (?=\w)")
_DOT_BETWEEN = re.compile(r"(?<=[^\s.,;:!?]) [•·] (?=\S)")
# Box drawing, block elements and geometric shapes; Braille patterns.
_DRAWING = re.compile("[\u2022\u00b7\u25e6\u2500-\u25ff\u2731\u2758\u2800-\u28ff]")
# Chess pieces and card suits have names, which transliteration would join to the adjacent words.
_NAMED = re.compile("[\u2654-\u2667]")
_ACCIDENTAL = re.compile("(?<=\\b[A-Ga-g])([\u266d\u266e\u266f])")
_ACCIDENTALS = {"\u266d": "flat", "\u266e": "natural", "\u266f": "sharp"}

# Not before a number: `> 5 kg` is a comparison.
_QUOTE_MARK = re.compile(r"(?<![^\n]) *>[> ]*+(?![=\d])")
_RULE_AFTER_SENTENCE = re.compile(r"(?<=[.!?] )-{3}(?= )")
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


def without_drawings(text: AlignedText) -> AlignedText:
    """Take out drawings, which transliteration would turn into letters, digits or operators.

    An arrow between words becomes a comma. A line that begins with a bullet or an arrow stands alone.
    """
    text = text.sub(_BACKSLASHES, " ")
    if text.text.isascii():
        return text
    text = text.sub(_ARROWS, _read_arrows).sub(_BULLET, LINE_END).sub(_DOT_BETWEEN, ", ")
    text = text.sub(_ACCIDENTAL, lambda match: f" {_ACCIDENTALS[match[1]]}")
    return text.sub(_DRAWING, " ").sub(_NAMED, r" \g<0> ")


def _read_arrows(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 1) : match.start()].strip("\n")
    after = match.string[match.end() : match.end() + 1]
    if before.strip() and after.strip():
        return ", "
    return " " if before else LINE_END


def without_ornaments(text: AlignedText) -> AlignedText:
    """Take out runs of ASCII symbols that draw a line, and the marks before quoted lines that Markdown left."""
    text = text.sub(_PIPE_BETWEEN, ", ").sub(_TASK_BOX, LINE_END).sub(_BULLET_IN_LINE, "")
    return text.sub(_QUOTE_MARK, "").sub(_RULE_AFTER_SENTENCE, "").sub(_ORNAMENT, " ")
