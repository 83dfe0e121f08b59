"""Tables: reads Markdown's tables row by row, the cells parted by commas."""

import re
from collections.abc import Iterator

from text.aligned_text import AlignedText, Edit
from text.structure.markers import LINE_END

_LINE = re.compile(r"[^\n]+")
_PREFIX = r"[> ]*+"
# The line under the head. Each dash run is a column.
_DELIMITERS = re.compile(rf"{_PREFIX}\|?(?: *:?-+:? *\|)+(?: *:?-+:? *)?|{_PREFIX}\| *:?-{{2,}}:? *")
# With the spaces around it, and with those of empty cells.
_PIPE = re.compile(r"(?<! ) *(?<!\\)\|[ |]*")


def tables_in_lines(text: AlignedText) -> AlignedText:
    """Make a line of each row of a table, and take out the line under its head.

    A row is a line with a pipe next to a row, or any line that pipes begin and end.
    """
    return text.edited(_edits(text.text)) if "|" in text.text else text


def _edits(text: str) -> Iterator[Edit]:
    lines = list(_LINE.finditer(text))
    is_table = False
    for index, line in enumerate(lines):
        is_adjacent = index > 0 and lines[index - 1].end() + 1 == line.start()
        is_table = is_table and is_adjacent and "|" in line[0]
        if "|" not in line[0]:
            continue
        if _DELIMITERS.fullmatch(line[0]):
            yield *line.span(), ""
            is_table = True
        elif is_table or _is_framed(line[0]) or _is_head(lines, index):
            yield from _row(line)


def _is_head(lines: list[re.Match[str]], index: int) -> bool:
    if index + 1 == len(lines) or lines[index].end() + 1 != lines[index + 1].start():
        return False
    return bool(_DELIMITERS.fullmatch(lines[index + 1][0]))


def _is_framed(line: str) -> bool:
    row = line.strip("> ")
    return len(row) > 2 and row.startswith("|") and row.endswith("|") and not row.endswith("\\|")


def _row(line: re.Match[str]) -> Iterator[Edit]:
    """Put commas for the pipes between cells, and a line's end for those around them."""
    content = len(line[0]) - len(line[0].lstrip("> "))
    for pipe in _PIPE.finditer(line[0]):
        is_edge = pipe.end() == len(line[0]) or pipe.start() <= content <= pipe.end()
        yield line.start() + pipe.start(), line.start() + pipe.end(), LINE_END if is_edge else ", "
    if not line[0].rstrip().endswith("|"):
        yield line.end(), line.end(), LINE_END
