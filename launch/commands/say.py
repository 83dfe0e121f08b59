"""`soprano say`."""

import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated, BinaryIO

import typer

from launch import console
from launch.commands.text_input import decode, lexicon_of
from launch.errors import InvalidSetting
from launch.say.client import SpeechRequest, speech
from launch.say.events import Audio, Sentence, SentenceWarning
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
    ".ulaw": "pcmu",
    ".alaw": "pcma",
}
"""The audio format for each extension of a file name."""

_SAMPLING = "Sampling"
_SERVER = "Server"


def say(
    text: Annotated[
        str | None, typer.Argument(help='What to say; "-", or nothing in a pipeline: read standard input.')
    ] = None,
    file: Annotated[
        typer.FileBinaryRead | None,
        typer.Option("--file", "-f", metavar="<path>", help="Speak the text in this file instead."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help='File that appears once it is complete, such as hello.mp3; "-": standard output.'
        ),
    ] = STANDARD_OUTPUT,
    audio_format: Annotated[
        str | None,
        typer.Option(
            "--format", help="mp3, opus, aac, flac, wav, pcm, pcmu or pcma; by default from the extension, or mp3."
        ),
    ] = None,
    timestamps: Annotated[
        Path | None,
        typer.Option(
            help="Also write the time of each sentence: as subtitles (.srt, .vtt) or with all fields (.json)."
        ),
    ] = None,
    lexicon: Annotated[
        Path | None,
        typer.Option(metavar="<path>", help='TOML file of words and what is read instead: "nginx" = "engine x".'),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Take the text as it stands: no mark-up, no tags, no lexicon.")
    ] = False,
    voice: Annotated[str | None, typer.Option(help="One of the server's voices.")] = None,
    speed: Annotated[float | None, typer.Option(help="0.25 to 4; the pitch does not change.")] = None,
    sample_rate: Annotated[int | None, typer.Option(help="8000 to 48000 Hz; by default the format's own.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    seed: Annotated[
        int | None, typer.Option(rich_help_panel=_SAMPLING, help="The same seed gives the same speech again.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(rich_help_panel=_SAMPLING, help="0: always the likeliest token; higher: livelier.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(rich_help_panel=_SAMPLING, help="Choose among tokens of this total probability.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(rich_help_panel=_SAMPLING, help="Choose among this many tokens; 0: all.")
    ] = None,
    repetition_penalty: Annotated[
        float | None, typer.Option(rich_help_panel=_SAMPLING, help="Above 1: repeat tokens less.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option(rich_help_panel=_SAMPLING, help="Extra attempts for a sentence that goes wrong.")
    ] = None,
    model: Annotated[str, typer.Option(rich_help_panel=_SERVER, help="One of the server's models.")] = "soprano",
    url: Annotated[
        str, typer.Option(envvar="SOPRANO_URL", rich_help_panel=_SERVER, help="URL of the server.")
    ] = "http://127.0.0.1:8080",
    api_key: Annotated[
        str | None,
        typer.Option(envvar="SOPRANO_API_KEY", rich_help_panel=_SERVER, help="An API key, if the server needs one."),
    ] = None,
) -> None:
    """Make a running server speak, and save the audio or pipe it into a player.

    The server chooses the values of options that are not set.
    """
    signal.signal(signal.SIGTERM, _exit)
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
        lexicon=dict(lexicon_of(lexicon)) if lexicon else None,
        apply_text_normalization="off" if plain else None,
    )
    layout = layout_of(timestamps) if timestamps else None
    with open_output(timestamps) if timestamps else nullcontext() as times:
        sentences = _save(request, output, url=url, api_key=api_key, quiet=quiet)
        if times and layout:
            times.write(layout(sentences).encode())


def _save(request: SpeechRequest, output: Path, *, url: str, api_key: str | None, quiet: bool) -> list[Sentence]:
    """Write the audio while it arrives, and return the sentences that were spoken."""
    sentences: list[Sentence] = []
    warnings: list[SentenceWarning] = []
    # The reader of a pipe may close it; typer then ends the command without a message, with status 1.
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
                    case SentenceWarning():
                        warnings.append(event)
        if not clip.live:
            fill_in_sizes(clip.file)
        progress.finish()
    # After the progress bar, which would overwrite them.
    for warning in warnings:
        console.warn(_in_one_line(f"sentence {warning.sentence + 1}: {warning.message} ({warning.code})"))
    return sentences


def _in_one_line(text: str) -> str:
    """Return `text` without characters that move a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def _read_text(text: str | None, file: BinaryIO | None) -> str:
    if file is not None:
        if text is not None:
            raise typer.BadParameter("give a TEXT or a --file, not both")
        return decode(file)
    if text is None and sys.stdin.isatty():
        raise typer.BadParameter("give a TEXT or a --file, or pipe the text in")
    return decode(sys.stdin.buffer) if text in (None, "-") else str(text)


def _format_of(output: Path) -> str | None:
    """Return the format for the extension of `output`; None for a stream. Raises `InvalidSetting`."""
    audio_format = FORMATS.get(output.suffix.lower())
    if audio_format is None and (output.suffix or not is_stream(output)):
        raise InvalidSetting(
            f"cannot tell an audio format from the name {output.name!r}: "
            f"end it in {', '.join(FORMATS)}, or set --format"
        )
    return audio_format


def _exit(number: int, _: FrameType | None) -> None:
    """Exit as after Ctrl-C: remove the unfinished file and restore the terminal."""
    raise SystemExit(128 + number)
