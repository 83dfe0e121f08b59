"""Links: reads of a Markdown link its text, of an image its description, and nothing of a footnote's mark."""

import re
from collections.abc import Iterator

from text.aligned_text import AlignedText, Edit
from text.structure.code_spans import CODE

_LABEL = r"(?:[^\[\]\n\\]|\\[^\n]|\n(?![ ]*\n)|\[[^\[\]\n]{0,100}\])"
_DESTINATION = r"""
    \( [ \n]{0,20} (?P<address> <[^<>\n]{0,2000}> | (?:[^\s()\\]|\\\S|\([^\s()]{0,500}\)){0,2000}+ )
    (?: [ \n]{1,20} (?: "[^"\n]{0,500}" | '[^'\n]{0,500}' ) )? [ \n]{0,20} \)
"""
_LINK = re.compile(
    rf"""
    (?P<code>{CODE})
    | (?P<escaped>\\[\[\]!])
    | \[!(?P<alert>NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]
    | (?P<footnote>\[\^[\w-]{{1,40}}\]:?)
    | !?\[(?P<label>{_LABEL}{{0,1000}}+)\](?:{_DESTINATION}|\[(?P<reference>[^\[\]\n]{{0,100}})\])
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(r"[./:#?<]")
# `[name]: address "title"`, a line of its own.
_DEFINITION = re.compile(
    r"""
    (?<![^\n])[ ]{0,3}\[(?!\^)([^\[\]\n]{1,100})\]:[ ]*
    (?:<[^<>\n]*>|(?:https?:|mailto:|www\.|[./\#])\S*) (?:[ ]+["'(][^\n]*)? [ ]*(?![^\n])
    """,
    re.VERBOSE,
)


def without_links(text: AlignedText) -> AlignedText:
    """Take out the addresses and brackets of links and images; `[note]` and `[1]` stay as they are."""
    if "[" not in text.text:
        return text
    definitions = {_name(match[1]) for match in _DEFINITION.finditer(text.text)}
    text = text.edited(_edits(text.text, definitions))
    # The second time for images, each of which was the text of a link.
    text = text.edited(_edits(text.text, definitions))
    return text.sub(_DEFINITION, "") if definitions else text


def _edits(text: str, definitions: set[str]) -> Iterator[Edit]:
    for match in _LINK.finditer(text):
        if match["code"] or match["escaped"]:
            continue
        if match["footnote"]:
            yield *match.span(), ""
        elif match["alert"]:
            yield match.start(), match.start("alert"), ""
            yield match.end("alert"), match.end(), ""
        elif _is_call(match):
            continue
        elif match["reference"] is None or _is_reference(match, definitions):
            yield match.start(), match.start("label"), ""
            yield match.end("label"), match.end(), ""


def _is_reference(match: re.Match[str], definitions: set[str]) -> bool:
    """Tell whether it is a link by name; one by number may have lost its definition: `[the docs][1]`."""
    reference, label = match["reference"], match["label"]
    return _name(reference or label) in definitions or (reference.isdecimal() and any(map(str.isalpha, label)))


def _is_call(match: re.Match[str]) -> bool:
    """Tell whether it is code or mathematics: `f[0](x)`, `[1, 2](3)`."""
    address = match["address"]
    if not address or _ADDRESS.search(address):
        return False
    before = match.string[max(0, match.start() - 1) : match.start()]
    return address.isdecimal() or before.isalnum() or before in (")", "]")


def _name(label: str) -> str:
    return " ".join(label.split()).lower()
