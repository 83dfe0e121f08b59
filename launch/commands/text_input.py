"""Texts and lexicons that commands read."""

from pathlib import Path
from typing import BinaryIO

from launch.errors import InvalidSetting, InvalidText
from text.errors import InvalidLexicon
from text.lexicon import Lexicon
from text.lexicon_file import read_lexicon


def decode(file: BinaryIO) -> str:
    """Return the whole text of a file. Raises `InvalidText` unless it is UTF-8."""
    try:
        return file.read().decode()
    except UnicodeDecodeError as error:
        raise InvalidText(f"the text is not UTF-8 ({error.reason} at byte {error.start}): convert it first") from error


def lexicon_of(file: Path | None) -> Lexicon:
    """Return the entries of the file that `--lexicon` names, if any. Raises `InvalidSetting`."""
    try:
        return read_lexicon(file) if file else ()
    except InvalidLexicon as error:
        raise InvalidSetting(f"--lexicon: {error}") from error
