"""The names of HTML and SSML tags, by what they do to the text around them."""

# fmt: off
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "select",
    "speak", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul", "paragraph", "sentence",
})
# fmt: on
"""Tags before and after which a line ends."""

FLOWING = frozenset(("p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "figcaption", "caption"))
"""Elements in which a line end is nothing but a space."""

CELLS = frozenset(("td", "th"))
"""Cells of a table's row, between which there are commas."""

UNSPOKEN = frozenset(("script", "style"))
"""Elements whose content is not read."""

# fmt: off
_INLINE = frozenset({
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "button", "canvas", "cite", "code", "col",
    "colgroup", "data", "del", "dfn", "em", "embed", "font", "i", "iframe", "img", "input", "ins", "kbd", "label",
    "link", "map", "mark", "meta", "meter", "nobr", "noscript", "object", "output", "picture", "progress", "q",
    "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "template",
    "textarea", "time", "tt", "u", "var", "video", "wbr", "break", "desc", "emphasis", "lang", "lexicon", "lookup",
    "metadata", "phoneme", "prosody", "say-as", "seq", "par", "media", "token", "voice", "w",
})
# fmt: on
_PREFIXES = ("amazon:", "mstts:", "google:", "ssml:")


def is_known(name: str) -> bool:
    """Tell whether a name, in lower case, is one of HTML or SSML."""
    return name in _INLINE or name in BLOCKS or name in CELLS or name in UNSPOKEN or name.startswith(_PREFIXES)
