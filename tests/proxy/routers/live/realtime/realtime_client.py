"""A client of `/realtime` that takes nothing but what OpenAI's own types describe."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter
from websockets.sync.client import ClientConnection, connect

PATH = "/v1/realtime?model=gpt-realtime"
OURS = {"id", "object"}
"""Fields of a session that OpenAI sends, too, and that its types lack."""

_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)


class RealtimeClient:
    """Sends events, and keeps those that come back."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self._sent = 0

    def send(self, kind: str, **fields: object) -> str:
        """Send an event and return its id."""
        self._sent += 1
        event_id = f"mine-{self._sent}"
        self.socket.send(json.dumps({"type": kind, "event_id": event_id, **fields}))
        return event_id

    def write(self, text: str, **fields: object) -> None:
        """Create a message of the user."""
        self.send("conversation.item.create", item=message(text, **fields))

    def say(self, text: str, **response: object) -> None:
        """Create a message and a response to it."""
        self.write(text)
        self.send("response.create", response=response)

    def receive(self, timeout: float = 60.0) -> dict[str, Any]:
        """The next event; raises `ConnectionClosed` at the end."""
        event: dict[str, Any] = json.loads(self.socket.recv(timeout))
        parsed = _EVENT.validate_python(event)
        assert set(unknown_fields(parsed)) <= OURS
        assert event["event_id"] not in {each["event_id"] for each in self.events}
        self.events.append(event)
        return event

    def wait_for(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The next event of a kind, or the one after so many."""
        while self.receive()["type"] != kind or (count := count - 1):
            pass
        return self.events[-1]

    def hear(self, count: int = 1) -> dict[str, Any]:
        """Receive until so many responses are done; return the last of them."""
        response: dict[str, Any] = self.wait_for("response.done", count)["response"]
        return response

    def audio(self, response_id: str | None = None) -> bytes:
        """The audio so far, of one response or of all."""
        deltas = [
            event for event in self.of("response.output_audio.delta") if response_id in (None, event["response_id"])
        ]
        return b"".join(base64.b64decode(event["delta"]) for event in deltas)

    def transcript(self, response_id: str | None = None) -> str:
        """What was said so far, in one response or in all."""
        deltas = self.of("response.output_audio_transcript.delta")
        return "".join(event["delta"] for event in deltas if response_id in (None, event["response_id"]))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the events, those that follow each other counted once."""
        kinds = [event["type"] for event in self.events]
        return [kind for before, kind in zip(["", *kinds], kinds, strict=False) if kind != before]


def message(text: str, **fields: object) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


def unknown_fields(value: object) -> Iterator[str]:
    """The fields that an object of OpenAI's types holds without describing them."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or {}
        for name in value.model_fields_set:
            yield from unknown_fields(getattr(value, name, None))
    elif isinstance(value, list):
        for each in value:
            yield from unknown_fields(each)


@contextmanager
def realtime_client(url: str, path: str = PATH, **fields: Any) -> Iterator[RealtimeClient]:
    """A client of the server at `url`, connected."""
    with connect(url.replace("http", "ws", 1) + path, **{"proxy": None, **fields}) as socket:
        yield RealtimeClient(socket)
