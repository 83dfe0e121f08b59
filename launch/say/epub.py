"""The text of an EPUB, in the order in which it is read.

An EPUB is a ZIP file of XHTML documents, which a package document lists (EPUB 3.3, sections 4 to 5). All of them are
read with `html.parser`, which knows no document types and expands nothing but characters, so a file cannot make it load
or build anything. No more is read than `LARGEST_DOCUMENT` and `LARGEST_BOOK` allow, whatever the sizes in the ZIP say.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import BinaryIO
from urllib.parse import unquote

from launch.errors import InvalidText

LARGEST_DOCUMENT = 16 * 1024 * 1024
"""Bytes of one document."""

LARGEST_BOOK = 128 * 1024 * 1024
"""Bytes of all documents; the Bible has 5 million."""

_MIMETYPE = b"application/epub+zip"
_CONTAINER = "META-INF/container.xml"
_DOCUMENTS = ("application/xhtml+xml", "text/html")
_NOT_READ = frozenset(("head", "script", "style", "svg", "math", "rt", "rp", "nav"))
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "dd", "div", "dl", "dt", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre"),
        *("section", "table", "tr", "ul"),
    )
)


def is_epub(file: BinaryIO) -> bool:
    """Tell whether a file begins as an EPUB must, or is a ZIP file of that name; it is at its beginning afterwards."""
    beginning = file.read(38 + len(_MIMETYPE))
    file.seek(0)
    is_named_so = str(file.name).lower().endswith(".epub")
    return beginning.startswith(b"PK\x03\x04") and (_MIMETYPE in beginning or is_named_so)


def read_epub(file: BinaryIO) -> Iterator[str]:
    """Yield the text of each document, with an empty line between paragraphs. Raises `InvalidText`."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield from _documents(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidText(f"the EPUB is damaged or protected ({error}): choose another file") from error
    except KeyError as error:
        raise InvalidText(f"the EPUB lacks a part ({error}): choose another file") from error


def _documents(archive: zipfile.ZipFile) -> Iterator[str]:
    read = 0
    for name in _spine(archive):
        document = _read(archive, name)
        read += len(document)
        if read > LARGEST_BOOK:
            raise InvalidText(f"the EPUB has more than {LARGEST_BOOK} bytes of text: divide it first")
        if text := text_of_document(document):
            yield text


def _spine(archive: zipfile.ZipFile) -> list[str]:
    """The names of the documents in the order of reading."""
    container = _Elements(_read(archive, _CONTAINER))
    package = next((each["full-path"] for each in container.all("rootfile") if each.get("full-path")), None)
    if package is None:
        raise InvalidText(f"the EPUB's {_CONTAINER} names no package: choose another file")
    elements = _Elements(_read(archive, package))
    items = {each.get("id"): each for each in elements.all("item") if each.get("media-type") in _DOCUMENTS}
    spine = [items[each["idref"]] for each in elements.all("itemref") if each.get("idref") in items]
    # Notes and the like, which are reached by links only, and the table of contents.
    aside = {each.get("idref") for each in elements.all("itemref") if each.get("linear") == "no"}
    folder = posixpath.dirname(package)
    return [
        posixpath.normpath(posixpath.join(folder, unquote(each.get("href", ""))))
        for each in spine
        if each["id"] not in aside and "nav" not in each.get("properties", "").split()
    ]


def _read(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        data = file.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise InvalidText(f"the EPUB's {name} has more than {LARGEST_DOCUMENT} bytes: divide it first")
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidText(f"the EPUB's {name} is not UTF-8 ({error.reason} at byte {error.start})") from error


class _Elements(HTMLParser):
    """The elements of an XML document, with their attributes, by their names without prefixes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self._found: list[tuple[str, dict[str, str]]] = []
        self.feed(document)

    def all(self, name: str) -> list[dict[str, str]]:
        """The attributes of every element of this name."""
        return [attributes for tag, attributes in self._found if tag == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self._found.append((tag.rpartition(":")[2], {name: value or "" for name, value in attrs}))


def text_of_document(document: str) -> str:
    """The text of an XHTML document: a line for each block, and an empty one between them."""
    parser = _Text()
    parser.feed(document)
    parser.close()
    return parser.text


class _Text(HTMLParser):
    """Collects what is to be read."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[list[str]] = []  # none before the first element, where a document type may be
        self._skipped = 0  # elements around what is read that are not to be read

    @property
    def text(self) -> str:
        """What was read so far."""
        lines = [" ".join("".join(block).split()) for block in self._blocks]
        return "".join(f"{line}\n\n" for line in lines if line)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        """Begin a block, or what is not read."""
        if not self._blocks:
            self._blocks.append([])
        if tag in _NOT_READ:
            self._skipped += 1
        elif tag in _BLOCKS:
            self._blocks.append([])
        elif tag in ("br", "img"):
            self.handle_data(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an empty element: one that is not read has nothing in it."""
        if tag not in _NOT_READ:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End a block, or what is not read."""
        if tag in _NOT_READ:
            self._skipped = max(0, self._skipped - 1)
        elif tag in _BLOCKS:
            self._blocks.append([])

    def handle_data(self, data: str) -> None:
        """Take the characters of a block."""
        if self._blocks and not self._skipped:
            self._blocks[-1].append(data)
