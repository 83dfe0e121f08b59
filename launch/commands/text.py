"""`soprano text`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from launch.commands.text_input import decode, lexicon_of
from launch.errors import InvalidSetting, InvalidText
from text.errors import TextError
from text.lexicon import Lexicon
from text.options import ReadingOptions

if TYPE_CHECKING:
    from text.sentences import ReadSentence

_WORD = re.compile(r"[a-z0-9$%&'*-]+")


def text(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(metavar="[FILE|-]", help='The text; "-", the default: standard input.')
    ] = "-",  # type: ignore[assignment]
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with the spans of words in the text.")
    ] = False,
    lexicon: Annotated[
        Path | None,
        typer.Option(metavar="<path>", help='TOML file of words and what is read instead: "nginx" = "engine x".'),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Leave marks, numbers and tags to upstream's normaliser.")
    ] = False,
) -> None:
    """Print what would be said for a text: one sentence a line. No server and no model is needed."""
    source = decode(file)
    sentences = _read(source, lexicon_of(lexicon), plain=plain)
    for line in _json_lines(source, sentences) if as_json else _lines(sentences):
        typer.echo(line)


def _read(source: str, lexicon: Lexicon, *, plain: bool) -> list["ReadSentence"]:
    # Imported here because a machine that has only the command line lacks what these need.
    try:
        from text.sentences import read_sentences
    except ModuleNotFoundError as error:
        raise InvalidSetting(
            f"{error}: reading texts takes what the engine needs: install soprano-triton[engine]"
        ) from error
    try:
        sentences = read_sentences(source, ReadingOptions(plain, lexicon))
    except TextError as error:
        raise InvalidText(str(error)) from error
    if not sentences:
        raise InvalidText("the text holds nothing that can be spoken: it has no letter and no digit")
    return sentences


def _lines(sentences: list["ReadSentence"]) -> Iterator[str]:
    for each in sentences:
        if each.sentence.pause_before:
            yield f"[pause:{each.sentence.pause_before:g}s]"
        yield each.sentence.text
        if each.sentence.pause_after:
            yield f"[pause:{each.sentence.pause_after:g}s]"


def _json_lines(source: str, sentences: list["ReadSentence"]) -> Iterator[str]:
    for each in sentences:
        sentence = each.sentence
        fields = {
            "text": source[sentence.start : sentence.end],
            "spoken": sentence.text,
            "start": sentence.start,
            "end": sentence.end,
            "pause_before": sentence.pause_before,
            "pause_after": sentence.pause_after,
            "words": list(_words(each)),
            "readings": [vars(tag) for tag in each.tags],
        }
        yield json.dumps(fields, ensure_ascii=False)


def _words(sentence: "ReadSentence") -> Iterator[dict[str, str | int]]:
    for match in _WORD.finditer(sentence.sentence.text):
        start, end = sentence.aligned.span(*match.span())
        yield {"spoken": match[0], "start": start, "end": end}
