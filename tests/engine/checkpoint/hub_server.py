"""A stand-in for the Hugging Face hub on 127.0.0.1: one repository, and the failures of a real hub."""

import hashlib
import json
import re
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Refusal:
    """The answer to every request but those for what it spares: a status and the hub's `X-Error-Code`."""

    status: int
    code: str = ""
    spares: str = "never"


@dataclass
class HubServer:
    """Serves `files` as `repo_id` at `COMMIT`, also called `main`; a context manager, restartable on its port.

    The first answer for a file of `cuts` breaks off after so many bytes. With `after_cut` everything is refused from
    then on, with `refusal` from the start. With `silence`, nothing is answered for so many seconds. The files of
    `crawls` come in pieces of so many bytes, ten a second.
    """

    repo_id: str
    files: dict[str, bytes]
    cuts: dict[str, int] = field(default_factory=dict)
    crawls: dict[str, int] = field(default_factory=dict)
    after_cut: Refusal | None = None
    refusal: Refusal | None = None
    tells_sizes: bool = True
    silence: float = 0.0
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    _port: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.ended.clear()
        self._server = _Server(self, self._port)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: HubServer, port: int) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub = self.server.hub
        path = self.path.partition("?")[0]
        bytes_range = self.headers.get("Range", "")
        hub.requests.append(f"{self.command} {path} {bytes_range}".strip())
        hub.tokens.add(self.headers.get("Authorization", ""))
        hub.ended.wait(hub.silence)
        repository = f"/api/models/{hub.repo_id}"
        if hub.refusal and not re.search(hub.refusal.spares, path):
            self._refuse(hub.refusal)
        elif path in (repository, f"{repository}/revision/main", f"{repository}/revision/{COMMIT}"):
            sizes = {name: len(content) if hub.tells_sizes else None for name, content in hub.files.items()}
            siblings = [{"rfilename": name, "size": size} for name, size in sizes.items()]
            self._send_json({"id": hub.repo_id, "sha": COMMIT, "siblings": siblings})
        elif path.startswith(f"{repository}/revision/"):
            self._refuse(Refusal(404, "RevisionNotFound"))
        elif path == f"{repository}/tree/{COMMIT}":
            self._send_json([_tree_entry(name, content) for name, content in hub.files.items()])
        elif path.startswith(f"/{hub.repo_id}/resolve/"):
            self._send_file(path.rpartition("/")[2], bytes_range)
        else:
            self._refuse(Refusal(404, "RepoNotFound"))

    def _refuse(self, refusal: Refusal) -> None:
        self.send_response(refusal.status)
        if refusal.code:
            self.send_header("X-Error-Code", refusal.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, name: str, bytes_range: str) -> None:
        content = self.server.hub.files[name]
        start = int(bytes_range.removeprefix("bytes=").partition("-")[0] or 0)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self._send_body(name, content[start:])

    def _send_body(self, name: str, body: bytes) -> None:
        hub = self.server.hub
        cut = hub.cuts.pop(name, None)
        piece = hub.crawls.get(name)
        if piece is None:
            self.wfile.write(body[:cut])
        else:
            self._crawl(body[:cut], piece)
        if cut is not None:
            hub.refusal = hub.after_cut or hub.refusal
            self.close_connection = True

    def _crawl(self, body: bytes, piece: int) -> None:
        for start in range(0, len(body), piece):
            if self.server.hub.ended.wait(0.1):
                return
            with suppress(ConnectionError):  # the client has disconnected
                self.wfile.write(body[start : start + piece])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the overridden method's name)
        """Write no log."""


def _tree_entry(name: str, content: bytes) -> dict[str, object]:
    return {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}  # noqa: S324
