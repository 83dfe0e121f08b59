"""A client of a running proxy, for `soprano say`."""

import ipaddress
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from launch.errors import CannotWrite, InvalidSetting, SpeechFailed

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

STANDARD_OUTPUT = Path("-")

_TIMEOUT = httpx.Timeout(600.0, connect=5.0)


@dataclass(frozen=True)
class SpeechRequest:
    """What to say and how."""

    text: str
    format: str
    voice: str = "soprano"
    speed: float = 1.0

    def body(self) -> dict[str, object]:
        """The request in OpenAI's form."""
        return {
            "model": "soprano",
            "input": self.text,
            "voice": self.voice,
            "speed": self.speed,
            "response_format": self.format,
            # A WAV header states the length, which is known at the end only.
            "stream": self.format != "wav",
        }


def format_of(output: Path) -> str:
    """Return the format that `output` is named after. Raises `InvalidSetting`."""
    if output == STANDARD_OUTPUT:
        return "mp3"
    audio_format = FORMATS.get(output.suffix.lower())
    if audio_format is None:
        raise InvalidSetting(
            f"cannot tell an audio format from the name {output.name!r}: "
            f"end it in {', '.join(FORMATS)}, or set --format"
        )
    return audio_format


def save_speech(request: SpeechRequest, output: Path, *, url: str, api_key: str | None = None) -> None:
    """Have the server at `url` speak, and write what comes to `output` as it comes; "-" is standard output.

    The file appears when it is complete. Raises `SpeechFailed` or `CannotWrite`.
    """
    with speech(request, url=url, api_key=api_key) as pieces, _writable(output) as file:
        for piece in pieces:
            file.write(piece)


@contextmanager
def speech(request: SpeechRequest, *, url: str, api_key: str | None = None) -> Iterator[Iterator[bytes]]:
    """The audio, piece by piece, as the server at `url` makes it. Raises `SpeechFailed`."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, headers=headers, trust_env=not _is_local(url)) as client,
            client.stream("POST", f"{url.rstrip('/')}/v1/audio/speech", json=request.body()) as response,
        ):
            if response.status_code != httpx.codes.OK:
                response.read()
                raise SpeechFailed(f"the server at {url} refuses ({response.status_code}): {_message(response)}")
            yield response.iter_bytes()
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise SpeechFailed(f"{url!r} is no URL of a server: give one such as http://127.0.0.1:8080") from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise SpeechFailed(f"no server at {url}: start it with `make serve`, or set --url to where it runs") from error
    except httpx.TimeoutException as error:
        raise SpeechFailed(f"the server at {url} fell silent: see its log, and try again") from error
    except httpx.TransportError as error:
        raise SpeechFailed(f"the server at {url} broke off ({error}): see its log, and try again") from error


def _message(response: httpx.Response) -> str:
    """The server's own words."""
    with suppress(json.JSONDecodeError, KeyError, TypeError):
        return str(response.json()["error"]["message"])
    return response.text.strip()[:200] or response.reason_phrase


def _is_local(url: str) -> bool:
    """Whether `url` is this machine, where no web proxy of the environment applies."""
    host = httpx.URL(url).host
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


@contextmanager
def _writable(output: Path) -> Iterator[IO[bytes]]:
    """A file for what will be `output`, which it becomes only if the block succeeds."""
    if output == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with _draft(output) as file:
            yield file
    except OSError as error:
        raise CannotWrite(f"cannot write {output} ({error.strerror}): choose another --output") from error


@contextmanager
def _draft(output: Path) -> Iterator[IO[bytes]]:
    if output.is_dir():
        raise IsADirectoryError(0, "it is a directory")
    descriptor, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        draft.chmod(0o666 & ~_umask())
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)


def _umask() -> int:
    """The mode bits that new files do not get; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
