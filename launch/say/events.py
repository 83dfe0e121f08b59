"""The server-sent events of OpenAI's speech API, and the sentence events that Soprano's server adds."""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from launch.errors import SpeechFailed

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Audio:
    """The next bytes of the clip, in the requested format."""

    data: bytes


@dataclass(frozen=True)
class Sentence:
    """A complete sentence, `text[text_start:text_end]` of the input; `start` and `end` are seconds of the clip.

    `spoken` is what the model reads for it; older servers do not send it.
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
class _Done:
    """The clip is complete."""

    warnings: tuple[SentenceWarning, ...] = ()


Event = Audio | Sentence | SentenceWarning


def read_events(body: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events in a response's body, to its end.

    Raises `SpeechFailed` if the server sends an error, or if the body ends without the event that marks completion.
    """
    done = False
    for line in _lines(body):
        event = _event(line)
        if isinstance(event, _Done):
            done = True
            yield from event.warnings
        elif event is not None:
            yield event
    if not done:
        raise SpeechFailed("the server ended the stream too early: see its log, and try again")


def message_of(body: Mapping[str, Any]) -> str:
    """The message of an API error. Raises `KeyError` or `TypeError` if `body` is not an API error."""
    return str(body["error"]["message"])


def _lines(body: Iterable[bytes]) -> Iterator[bytes]:
    begun: list[bytes] = []
    for piece in body:
        end, *lines = piece.split(b"\n")
        begun.append(end)
        for line in lines:
            yield b"".join(begun)
            begun = [line]


def _event(line: bytes) -> Event | _Done | None:
    """Return the event in a line; None for lines without an event and for unknown events."""
    name, _, data = line.partition(b":")
    if name != b"data":
        return None
    try:
        return _parse(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise SpeechFailed("the server sent an invalid speech event: set --url to a Soprano server") from error


def _parse(event: Mapping[str, Any]) -> Event | _Done | None:
    match event["type"]:
        case "speech.audio.delta":
            return Audio(b64decode(event["audio"], validate=True))
        case "speech.audio.sentence":
            return Sentence(
                index=int(event["index"]),
                text=str(event["text"]),
                text_start=int(event["text_start"]),
                text_end=int(event["text_end"]),
                start=float(event["start"]),
                end=float(event["end"]),
                spoken=str(event.get("spoken", "")),
            )
        case "speech.audio.done":
            return _Done(tuple(map(_warning, event.get("warnings") or ())))
        case "speech.audio.error":
            raise SpeechFailed(f"the server failed: {message_of(event)}")
        case _:
            return None


def _warning(entry: Mapping[str, Any]) -> SentenceWarning:
    return SentenceWarning(int(entry["sentence"]), str(entry["code"]), str(entry["message"]))
