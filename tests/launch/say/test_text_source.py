"""Where texts come from."""

import io
import os
import threading
import zipfile
from pathlib import Path

import pytest

from launch.errors import InvalidText
from launch.say import epub
from launch.say.text_source import facts_of, file_text, text_of

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PACKAGE = """<?xml version="1.0"?>
<opf:package xmlns:opf="http://www.idpf.org/2007/opf"><opf:manifest>
<opf:item id="b" href="text/two%20.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="a" href="one.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="toc" href="toc.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<opf:item id="notes" href="notes.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="cover" href="cover.png" media-type="image/png"/>
</opf:manifest><opf:spine>
<opf:itemref idref="cover"/><opf:itemref idref="toc"/><opf:itemref idref="a"/><opf:itemref idref="b"/>
<opf:itemref idref="notes" linear="no"/><opf:itemref idref="nowhere"/>
</opf:spine></opf:package>"""
ONE = """<!DOCTYPE html [<!ENTITY x "boom">]><html><head><title>Not this</title><style>p {}</style></head><body>
<h1>The  first
chapter</h1><p>It was a <i>dark</i> &amp; stormy&nbsp;night,<br/>&mdash; caf&#233; &x;.</p><script>alert("no")</script>
<p><ruby>漢<rt>kan</rt></ruby> &#x201c;Hello.&#x201d;</p></body></html>"""
TWO = "<html><body><ul><li>One.</li><li>Two.</li></ul><img src='x'/><hr/>The end.</body></html>"


def book(path: Path, **parts: str) -> Path:
    """An EPUB; `parts` replaces some of it."""
    files = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": PACKAGE,
        "OEBPS/one.xhtml": ONE,
        "OEBPS/text/two .xhtml": TWO,
        "OEBPS/toc.xhtml": "<p>Contents</p>",
        "OEBPS/notes.xhtml": "<p>A note</p>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")
        for name, content in {**files, **{f"OEBPS/{name}": part for name, part in parts.items()}}.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> str:
    with path.open("rb") as file:
        source = file_text(file)
        first, again = "".join(source.pieces()), "".join(source.pieces())
    assert first == again
    return first


def test_a_file_is_read_in_pieces_and_again(tmp_path: Path) -> None:
    text = "Grüße — aus\r\neiner Datei. " * 20_000
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
    assert read(path) == text
    with path.open("rb") as file:
        assert max(map(len, file_text(file).pieces())) <= 65536


def test_facts_tell_texts_and_options_apart() -> None:
    facts = facts_of(text_of("Grüße."), {"seed": 1})
    assert facts.characters == 6
    assert facts == facts_of(text_of("Grüße."), {"seed": 1})
    assert facts.digest != facts_of(text_of("Grüße!"), {"seed": 1}).digest
    assert facts.digest != facts_of(text_of("Grüße."), {"seed": 2}).digest


def test_a_pipe_is_read_as_it_is_written() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as file, open(writing, "wb", buffering=0) as pipe:
        source = file_text(file)
        assert not source.repeatable
        pieces = source.pieces()
        pipe.write(b"Gr\xc3")
        assert next(pieces) == "Gr"
        threading.Timer(0.1, pipe.write, (b"\xbc\xc3\x9fe",)).start()
        assert next(pieces) == "üße"
        pipe.close()
        assert "".join(pieces) == ""


@pytest.mark.parametrize(
    ("data", "position"), [(b"x" * 70_000 + b"\xff", 70_000), (b"x" * 65_535 + b"\xc3(", 65_535), (b"Gr\xc3", 2)]
)
def test_what_is_not_utf_8_is_told_with_its_place(tmp_path: Path, data: bytes, position: int) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    with path.open("rb") as file, pytest.raises(InvalidText, match=f"not UTF-8 .* at byte {position}\\)"):
        list(file_text(file).pieces())


def test_a_book_is_read_in_its_order(tmp_path: Path) -> None:
    assert read(book(tmp_path / "book.epub")) == (
        "The first chapter\n\nIt was a dark & stormy night, — café &x;.\n\n漢 “Hello.”\n\nOne.\n\nTwo.\n\nThe end.\n\n"
    )


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"one.xhtml": "\x00" * 2000}, "more than 1000 bytes"),
        ({"one.xhtml": "a " * 400, "text/two .xhtml": "b " * 400}, "more than 1500 bytes of text"),
        ({"book.opf": "<item id='a' href='gone.xhtml' media-type='text/html'/><itemref idref='a'/>"}, "lacks a part"),
    ],
)
def test_a_book_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: dict[str, str], words: str
) -> None:
    monkeypatch.setattr(epub, "LARGEST_DOCUMENT", 1000)
    monkeypatch.setattr(epub, "LARGEST_BOOK", 1500)
    with book(tmp_path / "book.epub", **parts).open("rb") as file, pytest.raises(InvalidText, match=words):
        list(epub.read_epub(file))


def test_a_book_that_is_damaged(tmp_path: Path) -> None:
    path = book(tmp_path / "book.epub")
    path.write_bytes(path.read_bytes()[:500])
    with path.open("rb") as file, pytest.raises(InvalidText, match="damaged or protected"):
        list(file_text(file).pieces())


def test_another_zip_is_no_book() -> None:
    file = io.BytesIO(b"PK\x03\x04" + bytes(100))
    file.name = "text.zip"
    assert not epub.is_epub(file)
    file.name = "text.EPUB"
    assert epub.is_epub(file)
