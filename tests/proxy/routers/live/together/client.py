"""A client of `/audio/speech/websocket`."""

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

DELTA = "conversation.item.audio_output.delta"
DONE = "conversation.item.audio_output.done"
FAILED = "conversation.item.tts.failed"


class TogetherClient:
    """Sends messages, and keeps what comes back: events without audio, and the audio of each item."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.audio: defaultdict[str, bytes] = defaultdict(bytes)
        self.close_code: int | None = None

    def send(self, kind: str, **fields: object) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def append(self, text: str, **fields: object) -> None:
        self.send("input_text_buffer.append", text=text, **fields)

    def commit(self, **fields: object) -> None:
        self.send("input_text_buffer.commit", **fields)

    def clear(self, **fields: object) -> None:
        self.send("input_text_buffer.clear", **fields)

    def say(self, text: str, **fields: object) -> None:
        """One sentence as Pipecat sends it."""
        self.append(text, **fields)
        self.commit(**fields)

    def answer(self, text: str, **fields: object) -> None:
        """A whole answer as Pipecat sends it."""
        self.say(text, **fields)
        self.commit(**fields)

    def receive(self, timeout: float = 60.0) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.socket.recv(timeout))
        if event["type"] == DELTA:
            self.audio[event["item_id"]] += b64decode(event["delta"])
        else:
            self.events.append(event)
        return event

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The next event of a kind."""
        while (event := self.receive())["type"] != kind:
            pass
        return event

    def hear(self) -> None:
        """Receive everything until the server closes the connection."""
        with suppress(ConnectionClosed):
            while True:
                self.receive()
        self.close_code = self.socket.close_code

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind so far."""
        return [event for event in self.events if event["type"] == kind]


@contextmanager
def together_client(
    url: str, path: str = "/v1/audio/speech/websocket", headers: dict[str, str] | None = None, **parameters: object
) -> Iterator[TogetherClient]:
    """A client of the server at `url`, connected, with parameters in the query."""
    address = f"{url.replace('http', 'ws', 1)}{path}?{urlencode(parameters)}"
    with connect(address, additional_headers=headers, proxy=None) as socket:
        yield TogetherClient(socket)
