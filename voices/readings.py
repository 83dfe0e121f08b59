"""Has the built-in voice say everyday texts, as upstream's normaliser reads them and as this project does.

    .venv/bin/python -m voices.readings

Prints a table in Markdown: each text, what is said, and the words that a recogniser understands.
"""

import re
from collections.abc import Iterator

import numpy as np
import typer

from engine import Engine, EngineSettings, SpeechRequest
from engine.errors import EngineError
from engine.speech import SAMPLE_RATE, pcm16
from measuring.command import end_in_order_on_sigterm, fail
from measuring.reading_cases import reading_cases
from text.options import ReadingOptions
from text.sentences import split_sentences
from voices.evaluation.recogniser import Recogniser
from voices.evaluation.sound import Sound

SHOWN = (
    "money.billion",
    "money.range",
    "number.thousands",
    "number.metres",
    "number.list-hyphen",
    "unit.kmh",
    "time.evening",
    "date.us",
    "abbr.street",
    "roman.three",
    "caps.us",
    "mark.link",
    "mark.latex",
    "url.www",
    "line.wrapped",
)
"""The texts of `tests/text/cases/readings.tsv` that are spoken, one or two of a class."""

_MARKUP = re.compile(r"([|*_`\[\]<>~\\])")


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield each text, what is said for it, and what is understood; first upstream's reading, then ours."""
    recogniser = Recogniser()
    cases = {case.kind: case.written for case in reading_cases()}
    with Engine(EngineSettings(checkpoint="builtin")) as engine:
        for text in (cases[kind] for kind in SHOWN):
            for plain in (True, False):
                said = " ".join(each.text for each in split_sentences(text, ReadingOptions(plain=plain)))
                yield "" if not plain else text, said, recogniser.text(_spoken(engine, text, plain=plain))


def _spoken(engine: Engine, text: str, *, plain: bool) -> Sound:
    chunks = list(engine.submit(SpeechRequest(text, whole=True, plain=plain)))
    return Sound.of_integers(np.concatenate([pcm16(chunk.samples) for chunk in chunks]), SAMPLE_RATE)


def _cell(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text.replace("\n", " ⏎ "))


def main() -> None:
    """Print the table."""
    end_in_order_on_sigterm()
    typer.echo("| text | what is said: upstream's normaliser, then ours | what is understood |\n|---|---|---|")
    try:
        for row in rows():
            typer.echo(f"| {' | '.join(map(_cell, row))} |")
    except EngineError as error:
        fail(str(error))


if __name__ == "__main__":
    main()
