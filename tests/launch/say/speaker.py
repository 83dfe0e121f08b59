"""A stand-in for the server, which answers `soprano say` with the events or other bytes that a test specifies."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

EVENT_STREAM = "text/event-stream; charset=utf-8"


class Then(Enum):
    """An action of the server between the pieces of its response."""

    CUT = auto()
    """Close the connection in the middle of the response."""

    HOLD = auto()
    """Send nothing until the client disconnects."""


Piece = bytes | Then | threading.Event
"""A part of the response, an action, or an event to wait for."""


@dataclass(frozen=True)
class Request:
    """A request that the server received."""

    path: str
    key: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class Speaker:
    """A running server."""

    url: str
    requests: list[Request] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a client disconnects before it has its response."""


def event(kind: str, **fields: object) -> bytes:
    return f"data: {json.dumps({'type': f'speech.audio.{kind}', **fields})}\n\n".encode()


def audio(data: bytes) -> bytes:
    return event("delta", audio=b64encode(data).decode())


def sentence(text: str, part: str, start: float, end: float) -> bytes:
    """The event for the sentence `part` of `text`, from `start` to `end` seconds."""
    position = text.index(part)
    span = {"text_start": position, "text_end": position + len(part)}
    return event("sentence", index=0, text=part, start=start, end=end, **span)


def error(message: str) -> bytes:
    return event("error", error={"message": message, "type": "server_error", "param": None, "code": None})


DONE = event("done", usage={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    speaker: ClassVar[Speaker]
    status: ClassVar[int]
    content_type: ClassVar[str]
    pieces: ClassVar[tuple[Piece, ...]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.speaker.requests.append(Request(self.path, self.headers["Authorization"], body))
        self.close_connection = True
        try:
            self._answer()
        except ConnectionError:
            # The connection breaks if the client disconnects with unread data or before the last write.
            self.speaker.left.set()

    def _answer(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", self.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in self.pieces:
            if piece is Then.CUT:
                return
            self._send(piece)
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, piece: Piece) -> None:
        if isinstance(piece, bytes):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        elif isinstance(piece, threading.Event):
            assert piece.wait(60)
        elif self.rfile.read(1) == b"":
            self.speaker.left.set()

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def speaker(*pieces: Piece, status: int = 200, content_type: str = EVENT_STREAM) -> Iterator[Speaker]:
    """A server that answers every request with `pieces`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        running = Speaker(f"http://127.0.0.1:{server.server_port}")
        fields = {"speaker": running, "status": status, "content_type": content_type, "pieces": pieces}
        server.RequestHandlerClass = type("Handler", (_Handler,), fields)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="stand-in")
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
