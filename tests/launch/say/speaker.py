"""A stand-in for the server, which answers `soprano say` with the events or other messages that a test specifies."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response
from websockets.sync.server import ServerConnection, serve


class Then(Enum):
    """An action of the server between the messages of its response."""

    DONE = auto()
    """When the text has ended, tell that the clip is complete."""

    CUT = auto()
    """Break the connection in the middle of the response."""

    END = auto()
    """Close the connection in order."""

    HOLD = auto()
    """Send nothing until the client disconnects."""


DONE = Then.DONE
Piece = bytes | str | Then | threading.Event
"""Audio, an event, an action, or something to wait for."""


@dataclass
class Request:
    """A request that the server received."""

    path: str
    key: str | None
    body: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


@dataclass
class Speaker:
    """A running server."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a client disconnects before it has its response."""


def event(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def sentence(text: str, part: str, start: float, end: float) -> str:
    """The event for the sentence `part` of `text`, from `start` to `end` seconds."""
    position = text.index(part)
    span = {"text_start": position, "text_end": position + len(part)}
    return event("response.sentence", index=0, text=part, spoken=part.lower(), start=start, end=end, **span)


def done(characters: int, **fields: object) -> str:
    return event("response.done", characters=characters, **fields)


def error(message: str, kind: str = "server_error") -> str:
    return event("error", error={"message": message, "type": kind, "param": None, "code": None})


class _Handler:
    """Serves one client after the other with the same pieces."""

    def __init__(self, speaker: Speaker, pieces: tuple[Piece, ...], encoding: str) -> None:
        self._speaker = speaker
        self._pieces = pieces
        self._audio = {"encoding": encoding, "sample_rate": 32000, "channels": 1}

    def __call__(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        request = Request(socket.request.path, socket.request.headers.get("Authorization"))
        try:
            socket.send(event("session.created", protocol="nari.speech.v1", audio=self._audio))
            request.body = json.loads(socket.recv())
            self._speaker.requests.append(request)
            socket.send(event("request.configured", request_id="r", audio=self._audio))
            reader = threading.Thread(target=self._read, args=(socket, request))
            reader.start()
            for piece in self._pieces:
                self._play(socket, request, piece)
        except ConnectionClosed:
            self._speaker.left.set()
        finally:
            socket.close()

    def _play(self, socket: ServerConnection, request: Request, piece: Piece) -> None:
        match piece:
            case bytes() | str():
                socket.send(piece)
            case threading.Event():
                assert piece.wait(60)
            case Then.DONE:
                assert request.ended.wait(60)
                socket.send(done(len(request.text)))
            case Then.CUT:
                socket.socket.shutdown(2)
            case Then.HOLD:
                socket.recv_events_thread.join(60)
                self._speaker.left.set()

    def _read(self, socket: ServerConnection, request: Request) -> None:
        try:
            for message in socket:
                received = json.loads(message)
                request.text += received.get("text", "")
                sequence = {"event": received["type"], "sequence": received["sequence"]}
                socket.send(event("input_text.ack", **sequence))
                if received["type"] == "input_text.end":
                    request.ended.set()
        except ConnectionClosed:
            return


@contextmanager
def speaker(*pieces: Piece, status: int = 101, body: bytes = b"", encoding: str = "mp3") -> Iterator[Speaker]:
    """A server that answers every client with `pieces`, or refuses all with a `status` and its `body`."""
    running = Speaker()

    def refuse(_: ServerConnection, __: HttpRequest) -> Response | None:
        return None if status == 101 else Response(status, "Refused", Headers({"Content-Length": str(len(body))}), body)

    with serve(_Handler(running, pieces, encoding), "127.0.0.1", 0, process_request=refuse) as server:
        running.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever, name="stand-in")
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
