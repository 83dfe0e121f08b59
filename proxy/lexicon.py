"""The field `lexicon`: words, and what is read in their place. The engine has the same limits."""

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_ENTRIES = 500
LONGEST_ENTRY = 100

_LINE_END = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def _checked(entries: object) -> object:
    """Return a field that is a lexicon. Raises `PydanticCustomError`, which names the wrong entry."""
    if not isinstance(entries, dict):
        raise _wrong("It must be an object of words and what is read in their place")
    if len(entries) > MAX_ENTRIES:
        raise _wrong(f"It has {len(entries)} entries; at most {MAX_ENTRIES} are allowed")
    for word, respelling in entries.items():
        shown = repr(word[:LONGEST_ENTRY])
        _check_text(f"The word {shown}", word)
        if not any(map(str.isalnum, word)):
            raise _wrong(f"The word {shown} has no letter and no digit")
        _check_text(f"The respelling of {shown}", respelling)
        if respelling.isspace():
            raise _wrong(f"The respelling of {shown} is blank")
    return entries


def _check_text(what: str, text: object) -> None:
    if not isinstance(text, str):
        raise _wrong(f"{what} must be a string")
    if not 1 <= len(text) <= LONGEST_ENTRY:
        raise _wrong(f"{what} has {len(text)} characters; 1 to {LONGEST_ENTRY} are allowed")
    if _LINE_END.search(text):
        raise _wrong(f"{what} has a line end")


def _wrong(problem: str) -> PydanticCustomError:
    # The problem is no template: a word may have braces.
    return PydanticCustomError("lexicon", "{problem}", {"problem": problem})


_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_ENTRY}

LexiconField = Annotated[
    dict[str, str],
    BeforeValidator(_checked),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MAX_ENTRIES,
            "propertyNames": _TEXT,
            "additionalProperties": _TEXT,
            "examples": [{"nginx": "engine x"}],
        }
    ),
]
