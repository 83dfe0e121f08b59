"""A client of Wyoming."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from proxy.wyoming.events import Event


class WyomingClient:
    """Sends events, and keeps those that come back without audio, and the audio."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.reader = connection.makefile("rb")
        self.events: list[Event] = []
        self.audio = bytearray()

    def send(self, kind: str, **data: object) -> None:
        self.connection.sendall(Event(kind, data).encoded())

    def receive(self) -> Event | None:
        """The next event, None when the server has closed the connection."""
        line = self.reader.readline()
        if not line:
            return None
        header = json.loads(line)
        data: dict[str, Any] = json.loads(self.reader.read(header["data_length"]))
        event = Event(header["type"], data, self.reader.read(header["payload_length"]))
        if event.type == "audio-chunk":
            self.audio += event.payload
        else:
            self.events.append(event)
        return event

    def wait_for(self, kind: str) -> Event:
        """The next event of a kind."""
        while (event := self.receive()) and event.type != kind:
            pass
        assert event, self.kinds
        return event

    def hear(self) -> None:
        """Receive everything until the server closes the connection."""
        while self.receive():
            pass

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]


@contextmanager
def wyoming_client(port: int, host: str = "127.0.0.1") -> Iterator[WyomingClient]:
    """A client, connected."""
    with socket.create_connection((host, port), timeout=60) as connection:
        client = WyomingClient(connection)
        with client.reader:
            yield client
