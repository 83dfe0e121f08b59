"""A client of `/audio/speech/ws`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("nari.speech.v1")


class SpeechClient:
    """Sends a text piece by piece, and keeps what comes back."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.audio = bytearray()
        self.events: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self._sequence = 0

    def start(self, **fields: object) -> None:
        self.send("request.start", response_format="pcm", **fields)

    def send(self, kind: str, **fields: object) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def write(self, kind: str, text: str = "") -> None:
        """Send `append`, `flush`, `clear` or `end`."""
        self.send(f"input_text.{kind}", sequence=self._sequence, text=text)
        self._sequence += 1

    def say(self, text: str) -> None:
        """Send all of a text; a server that ends the connection in between is to be heard all the same."""
        with suppress(ConnectionClosed):
            self.write("append", text)
            self.write("end")

    def receive(self, timeout: float = 60.0) -> dict[str, Any] | None:
        """The next event, or None for audio; raises `ConnectionClosed` at the end."""
        received = self.socket.recv(timeout)
        if isinstance(received, bytes):
            self.audio += received
            return None
        event: dict[str, Any] = json.loads(received)
        self.events.append(event)
        return event

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The next event of a kind."""
        while (event := self.receive()) is None or event["type"] != kind:
            pass
        return event

    def wait_for_audio(self, size: int = 1) -> None:
        before = len(self.audio)
        while len(self.audio) < before + size:
            self.receive()

    def hear(self) -> dict[str, Any]:
        """Receive everything until the server closes the connection; return the last event."""
        with suppress(ConnectionClosed):
            while True:
                self.receive()
        self.close_code = self.socket.close_code
        return self.events[-1]

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    @property
    def sentences(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == "response.sentence"]


@contextmanager
def speech_client(
    url: str, path: str = "/v1/audio/speech/ws", headers: dict[str, str] | None = None, **fields: Any
) -> Iterator[SpeechClient]:
    """A client of the server at `url`, connected."""
    with connect(
        url.replace("http", "ws", 1) + path,
        **{"subprotocols": [PROTOCOL], "additional_headers": headers, "proxy": None, **fields},
    ) as socket:
        yield SpeechClient(socket)
