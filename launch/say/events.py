"""The server-sent events of OpenAI's speech API, with the sentences that Soprano's server adds."""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from launch.errors import SpeechFailed

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Audio:
    """The next bytes of the clip, in the format that was asked for."""

    data: bytes


@dataclass(frozen=True)
class Sentence:
    """A sentence that is complete: `text[text_start:text_end]` of the input, heard from `start` to `end` seconds."""

    index: int
    text: str
    text_start: int
    text_end: int
    start: float
    end: float


@dataclass(frozen=True)
class Warned:
    """What the server says went wrong with a sentence of a clip that is complete all the same."""

    sentence: int
    code: str
    """Such as `truncated` or `silent`."""
    message: str


@dataclass(frozen=True)
class _Done:
    """The clip is complete."""

    warnings: tuple[Warned, ...] = ()


Event = Audio | Sentence | Warned


def read_events(body: Iterable[bytes]) -> Iterator[Event]:
    """Read the events of a response's body, to its end.

    Raises `SpeechFailed`, when the server says that it failed and also when it ends without saying that it is done.
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
        raise SpeechFailed("the server broke off before the end: see its log, and try again")


def message_of(body: Mapping[str, Any]) -> str:
    """What an error of the API says. Raises `KeyError` or `TypeError` if `body` is something else."""
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
    """Return the event of a line; None for other lines, and for events of other kinds."""
    name, _, data = line.partition(b":")
    if name != b"data":
        return None
    try:
        return _parse(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise SpeechFailed("the server sends what is no event of speech: set --url to a Soprano server") from error


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
            )
        case "speech.audio.done":
            return _Done(tuple(map(_warning, event.get("warnings") or ())))
        case "speech.audio.error":
            raise SpeechFailed(f"the server gave up: {message_of(event)}")
        case _:
            return None


def _warning(entry: Mapping[str, Any]) -> Warned:
    return Warned(int(entry["sentence"]), str(entry["code"]), str(entry["message"]))
