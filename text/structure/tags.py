"""Tags: takes HTML and SSML tags, comments and entities out of a text, and makes pauses of those that ask for one.

Only tags of known names are tags: `a <b and c> d` and `List<String>` stay as they are written.
"""

import html
import re
from collections.abc import Iterator
from html.entities import html5

from text.aligned_text import AlignedText, Edit
from text.structure.characters import plain
from text.structure.code_spans import CODE
from text.structure.markers import LINE_END, pause
from text.structure.pauses import STRENGTHS, PauseLimit, break_duration, duration
from text.structure.say_as import said_as
from text.structure.tag_names import BLOCKS, CELLS, FLOWING, UNSPOKEN, is_known

_MARKUP = re.compile(
    rf"""
    (?P<code>{CODE})
    | <(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]{{0,30}})
      (?P<attributes>(?:
        \s+[A-Za-z_:@][\w:.-]{{0,40}}
        (?:\s*=\s*(?:"[^"<]{{0,2000}}"|'[^'<]{{0,2000}}'|[^\s"'<>]{{1,2000}}))?
      )*+)
      \s*/?>
    | (?P<comment><!--|<!\[CDATA\[|<!(?=DOCTYPE\b)|<\?xml\b)
    | <(?P<address>(?:https?://|mailto:|www\.)[^\s<>]{{1,2000}}|[\w.+-]{{1,60}}@[\w.-]{{1,100}})>
    | &(?P<entity>\#\d{{1,7}}|\#x[0-9a-f]{{1,6}}|[a-z][a-z0-9]{{1,30}});
    | \[pause(?:[:=\s]\s{{0,5}}(?P<pause>[0-9.]{{1,12}}\s?[a-z]{{0,12}}))?\s{{0,5}}\]
    | (?P<line_end>\n)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""\s+([A-Za-z_:@][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
# fmt: off
_WITHOUT_VALUE = {
    "async", "autofocus", "autoplay", "checked", "controls", "defer", "disabled", "hidden", "loop", "muted", "open",
    "required",
}
# fmt: on
_COMMENT_ENDS = {"<!--": "-->", "<![cdata[": "]]>", "<?xml": "?>", "<!": ">"}
# Beside another, or after a hyphen, which `lines.py` joins to the word.
_LINE_END_THAT_MATTERS = re.compile(r"[\n-]\n|.\n *\n")
_RAISED = re.compile(r"-?\d{1,3}")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def without_tags(text: AlignedText) -> AlignedText:
    """Take out tags and comments, and put characters for entities and for pauses.

    Raises:
        InvalidText: A pause is, or all together are, too long.
    """
    return text.edited(_Tags(text.text).edits()) if any(mark in text.text for mark in "<&[") else text


class _Tags:
    """The tags of a text, in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tags = [match for match in _MARKUP.finditer(text) if not match["code"]]
        self._closing = _closing_tags(self._tags)
        self._is_ssml = text.lstrip()[:6].lower() in ("<speak", "<?xml ")
        self._is_preformatted = False
        self._is_flowing = self._is_ssml
        self._cells = 0
        self._pauses = PauseLimit()
        self._missing: set[str] = set()
        """Ends of comments that do not come any more."""

    def edits(self) -> Iterator[Edit]:
        """Yield what takes the place of each tag."""
        position = 0
        for index, match in enumerate(self._tags):
            if match.start() >= position:
                for edit in self._edits(match, index):
                    yield edit
                    position = edit[1]

    def _edits(self, match: re.Match[str], index: int) -> Iterator[Edit]:
        if match["line_end"]:
            yield from self._line_end(match)
        elif match["comment"]:
            yield from self._comment(match)
        elif match["address"]:
            yield match.start(), match.start("address"), ""
            yield match.end() - 1, match.end(), ""
        elif match["entity"]:
            yield from _entity(match)
        elif match["name"]:
            yield from self._tag(match, self._closing[index])
        else:
            seconds = duration(match["pause"]) if match["pause"] else STRENGTHS["medium"]
            if seconds is not None:
                yield self._pause(match, seconds)

    def _line_end(self, match: re.Match[str]) -> Iterator[Edit]:
        """End a line in `<pre>`; in a paragraph of HTML, a line end is a space."""
        if self._is_preformatted:
            yield *match.span(), LINE_END
        elif self._is_flowing and not _LINE_END_THAT_MATTERS.match(self._text, max(0, match.start() - 1)):
            yield *match.span(), " "

    def _comment(self, match: re.Match[str]) -> Iterator[Edit]:
        end = _COMMENT_ENDS[match["comment"].lower()]
        found = -1 if end in self._missing else self._text.find(end, match.end())
        if found < 0:
            self._missing.add(end)
        elif end == "]]>":
            yield *match.span(), ""
            yield found, found + len(end), ""
        else:
            yield match.start(), found + len(end), ""

    def _tag(self, match: re.Match[str], end: re.Match[str] | None) -> Iterator[Edit]:
        name, attributes = _name(match), _attributes(match)
        if not is_known(name) or any(not value and key not in _WITHOUT_VALUE for key, value in attributes.items()):
            return
        if name == "break" and not match["close"]:
            yield self._pause(match, break_duration(attributes.get("time"), attributes.get("strength")))
        elif name in UNSPOKEN and end:
            yield match.start(), end.end(), " "
        elif name == "img":
            yield from _alternative_text(match)
        elif name == "sub" and "alias" in attributes and end:
            yield match.start(), end.end(), _decoded(attributes["alias"])
        elif name == "say-as" and end:
            yield self._said_as(match, end, attributes)
        elif name == "sup" and end and _RAISED.fullmatch(raised := self._text[match.end() : end.start()]):
            yield match.start(), end.end(), raised.translate(_SUPERSCRIPTS)
        else:
            yield *match.span(), self._between(name, is_closing=bool(match["close"]))
            if name in BLOCKS or name in CELLS:
                self._is_flowing = self._is_ssml or (name in FLOWING and end is not None)

    def _between(self, name: str, *, is_closing: bool) -> str:
        """Return what parts the text before a tag from that behind it."""
        if name in CELLS:
            self._cells += not is_closing
            return "" if is_closing or self._cells == 1 else ", "
        if name == "tr":
            self._cells = 0
        if name == "pre":
            self._is_preformatted = not is_closing
        if name == "q":
            return '"'
        if name == "voice":
            return " "
        return LINE_END if name in BLOCKS or (self._is_ssml and name == "s") else ""

    def _pause(self, match: re.Match[str], seconds: float) -> Edit:
        self._pauses.add(seconds)
        return *match.span(), pause(seconds)

    def _said_as(self, match: re.Match[str], end: re.Match[str], attributes: dict[str, str]) -> Edit:
        written = self._text[match.end() : end.start()]
        words = None if "<" in written else said_as(attributes.get("interpret-as", ""), _decoded(written))
        return (*match.span(), "") if words is None else (match.start(), end.end(), words)


def _closing_tags(tags: list[re.Match[str]]) -> list[re.Match[str] | None]:
    """Return for each tag the next that closes an element of its name."""
    closing: list[re.Match[str] | None] = []
    nearest: dict[str, re.Match[str]] = {}
    for match in reversed(tags):
        closing.append(None if match["close"] else nearest.get(_name(match)))
        if match["close"]:
            nearest[_name(match)] = match
    return closing[::-1]


def _name(match: re.Match[str]) -> str:
    return (match["name"] or "").lower()


def _attributes(match: re.Match[str]) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(match["attributes"] or "")
    return {each[1].lower(): each[2] or each[3] or each[4] or "" for each in found}


def _decoded(written: str) -> str:
    return "".join(" " if each == "\n" else plain(each) for each in html.unescape(written))


def _entity(match: re.Match[str]) -> Iterator[Edit]:
    name = match["entity"]
    if name.startswith("#") or f"{name};" in html5 or f"{name.lower()};" in html5:
        yield *match.span(), _decoded(match[0] if name.startswith("#") else f"&{name};")


def _alternative_text(match: re.Match[str]) -> Iterator[Edit]:
    """Keep an image's `alt` where it is written, and drop the rest of the tag."""
    for each in _ATTRIBUTE.finditer(match["attributes"] or ""):
        value = next((group for group in (2, 3, 4) if each[group]), None)
        if each[1].lower() == "alt" and value:
            start = match.start("attributes") + each.start(value)
            yield match.start(), start, ""
            if "&" in each[value]:
                yield start, start + len(each[value]), _decoded(each[value])
            yield start + len(each[value]), match.end(), ""
            return
    yield *match.span(), ""
