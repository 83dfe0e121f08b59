"""Texts with their right readings, as `tests/text/cases/README.md` describes them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CASES = Path(__file__).parents[1] / "tests" / "text" / "cases"

_ESCAPE = re.compile(r"\\([nt\\])")
_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\"}
_SILENT = re.compile(r"\band\b|[^a-z0-9]")


@dataclass(frozen=True)
class ReadingCase:
    """A written text and its right readings. `kind` is its class, a dot and a name."""

    kind: str
    written: str
    readings: tuple[str, ...]

    @classmethod
    def of(cls, line: str) -> Self:
        """Return the case in a line of the table."""
        kind, written, *readings = line.split("\t")
        return cls(kind, _ESCAPE.sub(lambda match: _ESCAPED[match[1]], written), tuple(readings))

    @property
    def group(self) -> str:
        """The class: `money`, `date`, …"""
        return self.kind.partition(".")[0]

    def is_right(self, spoken: str) -> bool:
        """Say whether a reading is one of the right ones. Letters are compared, without the word "and"."""
        return letters(spoken) in map(letters, self.readings)


def reading_cases() -> list[ReadingCase]:
    """Return all cases."""
    lines = (CASES / "readings.tsv").read_text(encoding="utf-8").split("\n")
    return [ReadingCase.of(line) for line in lines if line and not line.startswith("#")]


def prose() -> list[str]:
    """Return a thousand sentences of plain prose, which upstream reads well."""
    return (CASES / "prose.txt").read_text(encoding="utf-8").splitlines()


def letters(text: str) -> str:
    """Return what is compared of a reading."""
    return _SILENT.sub("", text.lower())
