"""Where a text comes from, piece by piece."""

import codecs
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from launch.errors import InvalidText
from launch.say.epub import is_epub, read_epub

_BLOCK = 65536


@dataclass(frozen=True)
class TextSource:
    """A text that is read in pieces, each time from its beginning; only once unless it is `repeatable`."""

    pieces: Callable[[], Iterator[str]]
    repeatable: bool


@dataclass(frozen=True)
class TextFacts:
    """The length of a text in code points, and a digest of it."""

    characters: int
    digest: str


def text_of(text: str) -> TextSource:
    """A text that is in memory."""
    return TextSource(lambda: iter((text,)), repeatable=True)


def file_text(file: BinaryIO) -> TextSource:
    """The text of a file, of an EPUB, or of a pipe, whose pieces are what has been written into it.

    Its iterators raise `InvalidText`, if it is not UTF-8 or cannot be read.
    """
    descriptor = file.fileno()
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return TextSource(lambda: _decoded(_read_pipe(descriptor)), repeatable=False)
    if is_epub(file):
        return TextSource(lambda: read_epub(file), repeatable=True)
    start = file.tell()
    return TextSource(lambda: _decoded(_read_file(descriptor, start)), repeatable=True)


def facts_of(source: TextSource, options: object) -> TextFacts:
    """Read a text to its end; the digest is also one of the `options`."""
    digest = hashlib.sha256(repr(options).encode())
    characters = 0
    for piece in source.pieces():
        characters += len(piece)
        digest.update(piece.encode())
    return TextFacts(characters, digest.hexdigest())


def _read_file(descriptor: int, position: int) -> Iterator[bytes]:
    while block := os.pread(descriptor, _BLOCK, position):
        position += len(block)
        yield block


def _read_pipe(descriptor: int) -> Iterator[bytes]:
    # Not through `sys.stdin`: it has a lock, for which the interpreter's end would wait.
    while block := os.read(descriptor, _BLOCK):
        yield block


def _decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    try:
        for block in blocks:
            undecoded = len(decoder.getstate()[0])
            yield _decode(decoder, block, position - undecoded)
            position += len(block)
        yield _decode(decoder, b"", position - len(decoder.getstate()[0]), final=True)
    except OSError as error:
        raise InvalidText(f"the text cannot be read ({error.strerror}): choose another file") from error


def _decode(decoder: codecs.IncrementalDecoder, block: bytes, position: int, *, final: bool = False) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        raise InvalidText(
            f"the text is not UTF-8 ({error.reason} at byte {position + error.start}): convert it first"
        ) from error
