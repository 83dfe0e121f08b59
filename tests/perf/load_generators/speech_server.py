"""A server whose responses to requests for speech a test determines; it records the requests."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT = 20.0
"""Seconds after which a wait in a test has failed."""


@dataclass
class SpeechServer:
    """The received requests, in order, and the maximal number of open requests."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    most_open: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    """One connection; tests call its methods to respond."""

    protocol_version = "HTTP/1.1"
    state: SpeechServer
    answer: Callable[["Handler"], None]
    open_requests = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.state.lock:
            type(self).open_requests += 1
            self.state.asked.append({"path": self.path, "key": self.headers["Authorization"], **body})
            self.state.most_open = max(self.state.most_open, self.open_requests)
        type(self).answer(self)

    def whole(self, body: bytes, content_type: str = "audio/wav", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self._close_request()
        self.wfile.write(body)

    def refuse(self, retry_after: int) -> None:
        self.send_response(429)
        self.send_header("Retry-After", str(retry_after))
        self.send_header("Content-Length", "0")
        self._close_request()

    def cut(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(body)))
        self._close_request()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _close_request(self) -> None:
        # Count it before the client can send its next request.
        with self.state.lock:
            type(self).open_requests -= 1
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def speech_server(answer: Callable[[Handler], None]) -> Iterator[SpeechServer]:
    """Serve on a free port; `answer` handles each request."""
    state = SpeechServer()
    handler = type("_Handler", (Handler,), {"state": state, "answer": answer})
    with _Server(("127.0.0.1", 0), handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
