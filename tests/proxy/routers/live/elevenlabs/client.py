"""A raw client of ElevenLabs' WebSockets."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

VOICE = "21m00Tcm4TlvDq8ikWAM"


class ElevenLabsClient:
    """Sends messages, and keeps what comes back."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []

    def send(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            self.socket.send(json.dumps(message))

    def receive(self, timeout: float = 60.0) -> dict[str, Any]:
        """The next message; raises `ConnectionClosed` at the end."""
        message: dict[str, Any] = json.loads(self.socket.recv(timeout))
        self.messages.append(message)
        return message

    def wait_for_audio(self, context: str | None = None) -> None:
        while not (message := self.receive())["audio"] or message["contextId"] != context:
            pass

    def wait_for_final(self, context: str | None = None) -> None:
        while not (message := self.receive()).get("isFinal") or message["contextId"] != context:
            pass

    def hear(self) -> int | None:
        """Receive everything until the server closes the connection; return the code with which it does."""
        with suppress(ConnectionClosed):
            while True:
                self.receive()
        return self.socket.close_code

    def of(self, context: str | None = None) -> list[dict[str, Any]]:
        """The messages of a context."""
        return [each for each in self.messages if each.get("contextId") == context]

    def audio(self, context: str | None = None) -> bytes:
        return b"".join(base64.b64decode(each["audio"]) for each in self.of(context) if each.get("audio"))

    def aligned(self, context: str | None = None, key: str = "alignment") -> list[str]:
        """The text of each alignment."""
        return ["".join(each[key]["chars"]) for each in self.of(context) if each.get(key)]

    @property
    def errors(self) -> list[str]:
        return [each["message"] for each in self.messages if "message" in each]


@contextmanager
def elevenlabs_client(url: str, route: str, query: str = "output_format=pcm_16000") -> Iterator[ElevenLabsClient]:
    """A client of `stream-input` or `multi-stream-input` of the server at `url`, connected."""
    address = f"{url.replace('http', 'ws', 1)}/v1/text-to-speech/{VOICE}/{route}?model_id=eleven_flash_v2_5&{query}"
    with connect(address, proxy=None) as socket:
        yield ElevenLabsClient(socket)
