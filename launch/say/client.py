"""A client of a running proxy, for `soprano say`."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

import httpx

from launch.authority import is_loopback
from launch.errors import InvalidSetting, SpeechFailed
from launch.say.events import EVENT_STREAM, Event, message_of, read_events

_TIMEOUT = httpx.Timeout(600.0, connect=5.0)


@dataclass(frozen=True)
class SpeechRequest:
    """The fields of the API's request; the server chooses those that are None. Raises `InvalidSetting`."""

    input: str
    model: str = "soprano"
    voice: str | None = None
    response_format: str | None = None
    speed: float | None = None
    sample_rate: int | None = None
    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    retries: int | None = None
    lexicon: dict[str, str] | None = None
    apply_text_normalization: str | None = None

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            option = "the text" if name == "input" else f"--{name.replace('_', '-')}"
            if isinstance(value, float) and not math.isfinite(value):
                raise InvalidSetting(f"{option} must be a finite number, not {value}")
            if isinstance(value, str) and not _is_unicode(value):
                raise InvalidSetting(f"{option} must be Unicode: check the encoding of your terminal")

    def body(self) -> dict[str, object]:
        """The JSON body that asks for a stream of events."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return {**given, "stream_format": "sse", "timestamps": True}


@contextmanager
def speech(request: SpeechRequest, *, url: str, api_key: str | None = None) -> Iterator[Iterator[Event]]:
    """Yield the audio, sentences and warnings that the server at `url` sends; leaving the block cancels the request.

    Raises `SpeechFailed`.
    """
    headers = {b"Authorization": b"Bearer " + os.fsencode(api_key)} if api_key else {}
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, headers=headers, trust_env=not _is_local(url)) as client,
            client.stream("POST", f"{url.rstrip('/')}/v1/audio/speech", json=request.body()) as response,
        ):
            _require_events(response, url)
            yield read_events(response.iter_bytes())
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise SpeechFailed(f"{url!r} is not the URL of a server: give one such as http://127.0.0.1:8080") from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise SpeechFailed(f"no server at {url}: start it with `make serve`, or set --url to where it runs") from error
    except httpx.TimeoutException as error:
        raise SpeechFailed(f"the server at {url} stopped sending: see its log, and try again") from error
    except httpx.RequestError as error:
        raise SpeechFailed(f"the connection to {url} broke ({error}): see the server's log, and try again") from error


def _require_events(response: httpx.Response, url: str) -> None:
    if response.status_code != httpx.codes.OK:
        response.read()
        raise SpeechFailed(f"the server at {url} refuses ({response.status_code}): {_message(response)}")
    if not response.headers.get("Content-Type", "").startswith(EVENT_STREAM):
        raise SpeechFailed(f"the server at {url} does not answer with events: set --url to a Soprano server")


def _message(response: httpx.Response) -> str:
    """The server's own error message."""
    with suppress(ValueError, KeyError, TypeError):
        return message_of(response.json())
    return response.text.strip()[:200] or response.reason_phrase


def _is_local(url: str) -> bool:
    """Whether `url` is on this machine, so that a web proxy in the environment does not apply."""
    return is_loopback(httpx.URL(url).host)


def _is_unicode(text: str) -> bool:
    """Whether `text` is valid Unicode; undecodable bytes of the command line become lone surrogates, which are not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
