"""What the server sends in a live session, beside the audio, in its protocol `nari.speech.v1`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from launch.errors import ConnectionLost, SpeechFailed


@dataclass(frozen=True)
class Audio:
    """The next bytes of the clip, in the requested format."""

    data: bytes


@dataclass(frozen=True)
class Configured:
    """The server has taken the request: the audio's `encoding`, such as `mp3` or `pcm_s16le`, and its rate in Hz."""

    encoding: str
    sample_rate: int


@dataclass(frozen=True)
class Acknowledged:
    """The server has taken the next message with text."""


@dataclass(frozen=True)
class Sentence:
    """A complete sentence, `text[text_start:text_end]` of the input; `start` and `end` are seconds of the clip.

    `spoken` is what the model reads for it.
    """

    index: int
    text: str
    text_start: int
    text_end: int
    start: float
    end: float
    spoken: str = ""


@dataclass(frozen=True)
class SentenceWarning:
    """The server's warning about a sentence that went wrong in a clip that is complete otherwise."""

    sentence: int
    code: str
    """For example `truncated` or `silent`."""
    message: str


@dataclass(frozen=True)
class Done:
    """The clip is complete; `characters` of the text were taken."""

    characters: int
    warnings: tuple[SentenceWarning, ...] = ()


Event = Audio | Configured | Acknowledged | Sentence | Done


def read_event(message: str | bytes) -> Event | None:
    """Return the event in a message of the server; None for an unknown one.

    Raises `SpeechFailed` for what is no event, and for an error of the server; one that may pass is `ConnectionLost`.
    """
    if isinstance(message, bytes):
        return Audio(message)
    try:
        return _parse(json.loads(message))
    except (ValueError, KeyError, TypeError) as error:
        raise SpeechFailed("the server sent an invalid speech event: set --url to a Soprano server") from error


def message_of(body: Mapping[str, Any]) -> str:
    """The message of an API error. Raises `KeyError` or `TypeError` if `body` is not an API error."""
    return str(body["error"]["message"])


def _parse(event: Mapping[str, Any]) -> Event | None:
    match event["type"]:
        case "request.configured":
            return Configured(str(event["audio"]["encoding"]), int(event["audio"]["sample_rate"]))
        case "input_text.ack":
            return Acknowledged()
        case "response.sentence":
            return Sentence(
                index=int(event["index"]),
                text=str(event["text"]),
                text_start=int(event["text_start"]),
                text_end=int(event["text_end"]),
                start=float(event["start"]),
                end=float(event["end"]),
                spoken=str(event["spoken"]),
            )
        case "response.done":
            return Done(int(event["characters"]), tuple(map(_warning, event.get("warnings") or ())))
        case "error":
            raise _error(event)
        case _:
            return None


def _warning(entry: Mapping[str, Any]) -> SentenceWarning:
    return SentenceWarning(int(entry["sentence"]), str(entry["code"]), str(entry["message"]))


def _error(event: Mapping[str, Any]) -> SpeechFailed:
    message = message_of(event)
    is_final = event["error"].get("type") == "invalid_request_error" and event["error"].get("code") != "session_expired"
    return (
        SpeechFailed(f"the server refuses: {message}") if is_final else ConnectionLost(f"the server failed: {message}")
    )
