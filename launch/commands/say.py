"""`soprano say`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from launch.speech_client import SpeechRequest, format_of, save_speech


def say(
    text: Annotated[str, typer.Argument(help='What to say; "-" reads standard input.')],
    output: Annotated[
        Path, typer.Option("--output", "-o", help='The file to write, such as hello.mp3; "-" is standard output.')
    ],
    audio_format: Annotated[
        str | None, typer.Option("--format", help="mp3, opus, aac, flac, wav or pcm; else by the file's extension.")
    ] = None,
    voice: Annotated[str, typer.Option(help="One of the server's voices.")] = "soprano",
    speed: Annotated[float, typer.Option(help="0.25 to 4; the pitch stays.")] = 1.0,
    url: Annotated[str, typer.Option(envvar="SOPRANO_URL", help="Where the server runs.")] = "http://127.0.0.1:8080",
    api_key: Annotated[
        str | None, typer.Option(envvar="SOPRANO_API_KEY", help="The server's key, if it asks for one.")
    ] = None,
) -> None:
    """Have a running server speak, and save what it says."""
    request = SpeechRequest(
        text=sys.stdin.read() if text == "-" else text,
        format=audio_format or format_of(output),
        voice=voice,
        speed=speed,
    )
    save_speech(request, output, url=url, api_key=api_key)
