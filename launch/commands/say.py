"""`soprano say`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated, BinaryIO

import typer

from launch import console
from launch.commands.text_input import lexicon_of
from launch.errors import InvalidSetting
from launch.say.events import Sentence, SentenceWarning
from launch.say.narration import Lost, Narration
from launch.say.output_file import STANDARD_OUTPUT, is_stream, open_output
from launch.say.partial_file import open_partial
from launch.say.player import FORMAT, open_player
from launch.say.progress import SpeechProgress
from launch.say.recording import BEGINNING, Recording
from launch.say.request import SpeechRequest, require_unicode
from launch.say.session import Server
from launch.say.text_feed import TextFeed
from launch.say.text_source import TextFacts, TextSource, facts_of, file_text, text_of
from launch.say.timestamps import layout_of

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
        typer.Option(
            "--file", "-f", metavar="<path>", help="Speak this file instead, of any length: text, Markdown or EPUB."
        ),
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
    play: Annotated[
        bool, typer.Option("--play", help="Play the audio at once, with mpv, ffplay, aplay or sox.")
    ] = False,
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
    resume: Annotated[
        bool, typer.Option(help="Go on with the file that the same command left unfinished, or begin it again.")
    ] = True,
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
    reconnect: Annotated[
        float,
        typer.Option(
            min=0, metavar="<seconds>", rich_help_panel=_SERVER, help="How long to try again if the connection is lost."
        ),
    ] = 60.0,
) -> None:
    """Make a running server speak, and save the audio, play it, or pipe it into another program.

    The text is spoken while it comes. The server chooses the values of options that are not set.
    """
    signal.signal(signal.SIGTERM, _exit)
    if play and output != STANDARD_OUTPUT:
        raise typer.BadParameter("give --play or an --output, not both")
    source = _source(text, file)
    request = SpeechRequest(
        model=model,
        voice=voice,
        response_format=audio_format or (FORMAT if play else _format_of(output)),
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
    server = Server(url, api_key)
    facts = facts_of(source, request) if source.repeatable else None
    layout = layout_of(timestamps) if timestamps else None
    with (
        open_output(timestamps) if timestamps else nullcontext() as times,
        _open_recording(request, facts, output, play=play, resume=resume, timed=times is not None) as recording,
    ):
        feed = TextFeed(source.pieces(), recording.point.characters)
        narration = Narration(server, request, feed, recording, patience=reconnect)
        _follow(narration, recording, facts, shown=not quiet and sys.stderr.isatty())
        if times and layout:
            times.write(layout(recording.sentences()).encode())


@contextmanager
def _open_recording(
    request: SpeechRequest, facts: TextFacts | None, output: Path, *, play: bool, resume: bool, timed: bool
) -> Iterator[Recording]:
    """Where the audio goes. A file is kept for later if its text can be read again, and if its format can go on."""
    if play or is_stream(output):
        with open_player() if play else open_output(output) as stream:
            yield Recording(stream, keeps_sentences=timed)
    else:
        digest = facts.digest if facts and request.response_format != "flac" else None
        with open_partial(output, digest, resume=resume) as partial:
            yield partial


def _follow(narration: Narration, recording: Recording, facts: TextFacts | None, *, shown: bool) -> None:
    """Show what happens, to the end."""
    warnings: list[SentenceWarning] = []
    characters = facts.characters if facts else None
    # The reader of a pipe may close it; typer then ends the command without a message, with status 1.
    with SpeechProgress(Path(recording.output.name).name, characters, recording.point, shown=shown) as progress:
        if recording.point != BEGINNING:
            progress.tell(f"going on after {recording.point.seconds:.1f} s of audio, which were made before")
        for event in narration.events():
            match event:
                case Sentence():
                    progress.spoken(event)
                case SentenceWarning():
                    warnings.append(event)
                case Lost():
                    progress.tell(_in_one_line(f"{event.reason}; connecting again"))
        progress.finish()
    # After the progress bar, which would overwrite them.
    for warning in warnings:
        console.warn(_in_one_line(f"sentence {warning.sentence + 1}: {warning.message} ({warning.code})"))


def _in_one_line(text: str) -> str:
    """Return `text` without characters that move a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def _source(text: str | None, file: BinaryIO | None) -> TextSource:
    if file is not None:
        if text is not None:
            raise typer.BadParameter("give a TEXT or a --file, not both")
        return file_text(file)
    if text is None and sys.stdin.isatty():
        raise typer.BadParameter("give a TEXT or a --file, or pipe the text in")
    if text is None or text == "-":
        return file_text(sys.stdin.buffer)
    require_unicode("the text", text)
    return text_of(text)


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
