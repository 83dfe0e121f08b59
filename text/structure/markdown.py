"""Markdown: takes the mark-up out of a text, and ends a line where a block ends.

The parser only says where the mark-up is; what it does not know stays in the text. Numbers of lists are read.
Tables, links and images are taken out before (`tables.py`, `links.py`), and HTML too (`tags.py`).
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote
from markdown_it.token import Token

from text.aligned_text import AlignedText, Edit
from text.structure.markers import LINE_END
from text.structure.positions import PositionedInline

_MARKUP = re.compile(r"[*_`\\]|~~~|(?<![^\n]) *(?:[>#=+-]|\d{1,9}[.)](?: |$))", re.MULTILINE)
_COMPARISON = re.compile(r"[> ]*(?:=|\d(?!\d{0,8}[.)] ))")
# What stands before a block's content; the numbers of list items are kept.
_ITEM_NUMBER = re.compile(r"\d{1,9}[.)]")
_LANGUAGE = re.compile(r" *(?:\S+|\S+ *[{=\[].*|\S* *\S+=.*)? *")
_ITEM = re.compile(r"[-+*] |\d[.)] ")
_WHITE_SPACE = " \t\n\r\f\v\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def without_markdown(text: AlignedText) -> AlignedText:
    """Take out the mark-up. A line end inside a paragraph stays; `LINE_END` ends a block and a line of code."""
    edits = _edits(text.text) if _MARKUP.search(text.text) else ()
    return text.edited(sorted(edit for edit in edits if edit[0] < edit[1] or edit[2]))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero")
    parser.inline = PositionedInline()
    parser.options["maxNesting"] = 20
    parser.enable(
        ["blockquote", "fence", "hr", "list", "heading", "lheading", "newline", "escape", "backticks", "emphasis"]
    )
    parser.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "blockquote", "list"]})
    parser.inline.ruler2.disable("fragments_join")
    parser.core.ruler.disable("text_join")
    return parser


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a quotation, unless it is one line and a comparison: `> 50 kg`."""
    position = state.bMarks[start] + state.tShift[start]
    if _COMPARISON.match(state.src, position, state.eMarks[start]) and not _is_quoted(state, start + 1, end):
        return False
    return blockquote(state, start, end, silent)


def _is_quoted(state: StateBlock, line: int, end: int) -> bool:
    return line < end and state.src.startswith(">", state.bMarks[line] + state.tShift[line])


_PARSER = _parser()


def _edits(text: str) -> Iterator[Edit]:
    lines = _Lines(text)
    for token in _PARSER.parse(text):
        if token.map is None:
            continue
        first, end = token.map
        if token.type == "inline":
            yield from _block(lines, token)
        elif token.type == "hr":
            yield from lines.without_marks(first, len(lines.lines[first]))
        elif token.type == "fence":
            yield from _code(lines, token)
        elif token.type == "heading_open" and token.markup in "-=":
            yield from lines.without_marks(end - 1, len(lines.lines[end - 1]))


class _Lines:
    """The lines of a text, and where they begin."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.starts: list[int] = []
        start = 0
        for line in self.lines:
            self.starts.append(start)
            start += len(line) + 1

    def without_marks(self, index: int, length: int) -> Iterator[Edit]:
        """Yield edits that take out the first characters of a line, but not the numbers of list items."""
        line, start = self.lines[index], self.starts[index]
        position = 0
        for number in _ITEM_NUMBER.finditer(line, 0, length):
            yield start + position, start + number.start(), ""
            yield start + number.end() - 1, start + number.end(), ". "
            position = number.end()
        yield start + position, start + length, ""


def _block(lines: _Lines, token: Token) -> Iterator[Edit]:
    """Yield edits for a paragraph or a heading."""
    first = (token.map or [0])[0]
    contents = token.content.split("\n")
    offsets: list[tuple[int, int]] = []
    """For each line, where it begins in the content and how much further it is in the text."""
    position = 0
    is_item = False
    """The lines of a list's item go on in the next line if that is indented."""
    for index, content in enumerate(contents, first):
        line = lines.lines[index].rstrip(_WHITE_SPACE) if index == first + len(contents) - 1 else lines.lines[index]
        if not line.endswith(content):
            # The closing marks of a heading.
            line = line.rstrip("#").rstrip(_WHITE_SPACE)
        prefix = len(line) - len(content)
        yield from lines.without_marks(index, prefix)
        if index == first:
            is_item = _ITEM.search(line, 0, prefix) is not None
        elif is_item and prefix and not lines.lines[index - 1].endswith(("  ", "\\")):
            yield lines.starts[index] - 1, lines.starts[index], " "
        offsets.append((position, lines.starts[index] + prefix - position))
        position += len(content) + 1
    last = lines.starts[index] + len(lines.lines[index])
    yield lines.starts[index] + len(line), last, LINE_END
    yield from _inline(token, offsets)


def _inline(token: Token, offsets: list[tuple[int, int]]) -> Iterator[Edit]:
    """Yield edits for the mark-up inside a block."""
    line = 0
    for start, end, new in _content_edits(token):
        while line + 1 < len(offsets) and offsets[line + 1][0] <= start:
            line += 1
        yield start + offsets[line][1], end + offsets[line][1], new


def _content_edits(token: Token) -> Iterator[Edit]:
    """Yield edits of a block's content, in order."""
    for child in token.children or ():
        position: int | None = child.meta.get("position")
        if position is None or child.type == "softbreak":
            continue
        if child.type == "code_inline":
            yield from _backticks(child, token.content, position)
        elif child.type == "hardbreak":
            yield position, position + 1, LINE_END
        elif not child.content or (child.type == "text_special" and len(child.content) == 1):
            yield position, position + 1, ""


def _backticks(code: Token, content: str, position: int) -> Iterator[Edit]:
    """Yield edits for the marks of a code span, with the space that the parser strips."""
    length = len(code.markup)
    inside = position + length
    if content[inside : inside + len(code.content)].replace("\n", " ") != code.content:
        length += 1
    yield position, position + length, ""
    closing = position + length + len(code.content)
    yield closing, closing + length, ""


def _code(lines: _Lines, token: Token) -> Iterator[Edit]:
    """Yield edits for a fenced block: its fences go, and each of its lines stands alone."""
    first, end = token.map or (0, 0)
    opening = lines.lines[first].index(token.markup)
    yield from lines.without_marks(first, opening)
    is_named = _LANGUAGE.fullmatch(token.info) and end > first + 1
    opened, line_end = lines.starts[first] + opening, lines.starts[first] + len(lines.lines[first])
    yield opened, line_end if is_named else opened + len(token.markup), ""
    yield line_end, line_end, LINE_END
    # The last line of the content is empty if a fence closes the block.
    for index, content in zip(range(first + 1, end), token.content.split("\n"), strict=False):
        line, start = lines.lines[index], lines.starts[index]
        if line.endswith(content):
            yield start, start + len(line) - len(content), ""
        yield start + len(line), start + len(line), LINE_END
