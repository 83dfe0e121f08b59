"""A file with a server's lexicon: TOML with one line for each word.

# How we say it
"nginx" = "engine x"
"PostgreSQL" = "post gress Q L"
"""

import tomllib
from pathlib import Path

from text.errors import InvalidLexicon
from text.lexicon import Lexicon, check_entry


def read_lexicon(path: Path) -> Lexicon:
    """Return the entries of a file, of any number. Raises `InvalidLexicon`, which names the line or the word."""
    try:
        entries = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InvalidLexicon(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidLexicon(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidLexicon(f'{path}: {error}; each line must be "word" = "respelling"') from error
    return tuple(_entry(path, word, respelling) for word, respelling in entries.items())


def _entry(path: Path, word: str, respelling: object) -> tuple[str, str]:
    if isinstance(respelling, dict):
        raise InvalidLexicon(f"{path}: {word!r} is a table: put each word in quotes, and write no [sections]")
    try:
        return check_entry(word, respelling)
    except InvalidLexicon as error:
        raise InvalidLexicon(f"{path}: {error}") from error
