"""`soprano say`."""

import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated, BinaryIO

import typer

from launch import console
from launch.errors import InvalidSetting
from launch.say.client import SpeechRequest, speech
from launch.say.events import Audio, Sentence, Warned
from launch.say.output_file import STANDARD_OUTPUT, is_stream, open_output
from launch.say.progress import SpeechProgress
from launch.say.timestamps import layout_of
from launch.say.wav_sizes import fill_in_sizes

FORMATS = {
    ".mp3": "mp3",
    ".opus": "opus",
    ".ogg": "opus",
    ".aac": "aac",
    ".flac": "flac",
    ".wav": "wav",
    ".pcm": "pcm",
}
"""The audio format that a file name's extension stands for."""

_SAMPLING = "Sampling"
_SERVER = "Server"


def say(
    text: Annotated[
        str | None, typer.Argument(help='What to say; "-", or nothing in a pipeline, reads standard input.')
    ] = None,
    file: Annotated[
        typer.FileBinaryRead | None,
        typer.Option("--file", "-f", metavar="<path>", help="Say what is in this file instead."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help='The file to write, such as hello.mp3, once it is complete; "-": standard output.'
        ),
    ] = STANDARD_OUTPUT,
    audio_format: Annotated[
        str | None,
        typer.Option("--format", help="mp3, opus, aac, flac, wav or pcm; else by the file's extension, or mp3."),
    ] = None,
    timestamps: Annotated[
        Path | None,
        typer.Option(help="Also write when each sentence is heard: subtitles in .srt or .vtt, everything in .json."),
    ] = None,
    voice: Annotated[str | None, typer.Option(help="One of the server's voices.")] = None,
    speed: Annotated[float | None, typer.Option(help="0.25 to 4; the pitch stays.")] = None,
    sample_rate: Annotated[int | None, typer.Option(help="In Hz, 8000 to 48000; else the format's usual one.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    seed: Annotated[
        int | None, typer.Option(rich_help_panel=_SAMPLING, help="The same seed speaks a text the same way again.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(rich_help_panel=_SAMPLING, help="0: always the likeliest sound; higher: livelier.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(rich_help_panel=_SAMPLING, help="Choose among sounds of this total probability.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(rich_help_panel=_SAMPLING, help="Choose among this many sounds; 0: all.")
    ] = None,
    repetition_penalty: Annotated[
        float | None, typer.Option(rich_help_panel=_SAMPLING, help="Above 1: repeat sounds less.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option(rich_help_panel=_SAMPLING, help="Attempts more for a sentence that goes wrong.")
    ] = None,
    model: Annotated[str, typer.Option(rich_help_panel=_SERVER, help="One of the server's models.")] = "soprano",
    url: Annotated[
        str, typer.Option(envvar="SOPRANO_URL", rich_help_panel=_SERVER, help="Where the server runs.")
    ] = "http://127.0.0.1:8080",
    api_key: Annotated[
        str | None,
        typer.Option(envvar="SOPRANO_API_KEY", rich_help_panel=_SERVER, help="The server's key, if it asks for one."),
    ] = None,
) -> None:
    """Have a running server speak, and save what it says or pipe it into a player.

    What is not set is left to the server.
    """
    signal.signal(signal.SIGTERM, _leave)
    request = SpeechRequest(
        input=_read_text(text, file),
        model=model,
        voice=voice,
        response_format=audio_format or _format_of(output),
        speed=speed,
        sample_rate=sample_rate,
        seed=seed,
        temperature=temperature,
        top_p=top_p,
        top_k=top_k,
        repetition_penalty=repetition_penalty,
        retries=retries,
    )
    layout = layout_of(timestamps) if timestamps else None
    with open_output(timestamps) if timestamps else nullcontext() as times:
        sentences = _save(request, output, url=url, api_key=api_key, quiet=quiet)
        if times and layout:
            times.write(layout(sentences).encode())


def _save(request: SpeechRequest, output: Path, *, url: str, api_key: str | None, quiet: bool) -> list[Sentence]:
    """Write what the server sends, as it comes, and return the sentences that it has spoken."""
    sentences: list[Sentence] = []
    warnings: list[Warned] = []
    # Whoever reads a pipe may leave; typer makes that the quiet end of the command, with status 1.
    with (
        open_output(output) as clip,
        SpeechProgress(Path(clip.name).name, len(request.input), shown=not quiet and sys.stderr.isatty()) as progress,
    ):
        with speech(request, url=url, api_key=api_key) as events:
            for event in events:
                match event:
                    case Audio():
                        clip.write(event.data)
                    case Sentence():
                        sentences.append(event)
                        progress.spoken(event)
                    case Warned():
                        warnings.append(event)
        if not clip.live:
            fill_in_sizes(clip.file)
        progress.finish()
    # Below the bar, which would draw over them.
    for warning in warnings:
        console.warn(_in_one_line(f"sentence {warning.sentence + 1}: {warning.message} ({warning.code})"))
    return sentences


def _in_one_line(text: str) -> str:
    """Return `text` without what moves a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def _read_text(text: str | None, file: BinaryIO | None) -> str:
    if file is not None:
        if text is not None:
            raise typer.BadParameter("give a TEXT or a --file, not both")
        return _decode(file)
    if text is None and sys.stdin.isatty():
        raise typer.BadParameter("give a TEXT or a --file, or pipe the text in")
    return _decode(sys.stdin.buffer) if text in (None, "-") else str(text)


def _decode(file: BinaryIO) -> str:
    try:
        return file.read().decode()
    except UnicodeDecodeError as error:
        raise InvalidSetting(
            f"the text is not UTF-8 ({error.reason} at byte {error.start}): convert it first"
        ) from error


def _format_of(output: Path) -> str | None:
    """Return the format that `output` is named after; None for a stream. Raises `InvalidSetting`."""
    audio_format = FORMATS.get(output.suffix.lower())
    if audio_format is None and (output.suffix or not is_stream(output)):
        raise InvalidSetting(
            f"cannot tell an audio format from the name {output.name!r}: "
            f"end it in {', '.join(FORMATS)}, or set --format"
        )
    return audio_format


def _leave(number: int, _: FrameType | None) -> None:
    """End as Ctrl-C would: without a draft, and with the terminal in order."""
    raise SystemExit(128 + number)
