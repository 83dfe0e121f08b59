"""One live session with a running proxy."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event as Flag
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from launch.authority import is_loopback
from launch.errors import ConnectionLost, SpeechFailed
from launch.say.events import Event, message_of, read_event

_CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 1.0
_QUIET_SECONDS = 20.0
"""After so long without a message, the server is asked whether it is still there, and has as long to answer."""

_LARGEST_MESSAGE = 64 * 1024 * 1024
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


@dataclass(frozen=True)
class Server:
    """Where a proxy is. Raises `SpeechFailed` for what is no URL."""

    url: str
    api_key: str | None = None

    def __post_init__(self) -> None:
        with suppress(ValueError):
            parts = urlsplit(self.url)
            if parts.scheme in ("http", "https") and parts.hostname:
                return
        raise SpeechFailed(f"{self.url!r} is not the URL of a server: give one such as http://127.0.0.1:8080")

    @property
    def socket_url(self) -> str:
        """The address of the WebSocket."""
        return f"ws{self.url.rstrip('/').removeprefix('http')}/v1/audio/speech/ws"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, so that a web proxy in the environment does not apply."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def headers(self) -> dict[str, str]:
        """The headers with the key, whose bytes are sent as they are."""
        return {"Authorization": f"Bearer {os.fsencode(self.api_key).decode('latin-1')}"} if self.api_key else {}


class Session:
    """Sends a text piece by piece, and yields what comes back. To be had from `session`."""

    def __init__(self, server: Server, socket: ClientConnection) -> None:
        self._server = server
        self._socket = socket
        self._sequence = 0

    def start(self, fields: dict[str, object]) -> None:
        """Ask for a clip; to be called once, before any text.

        Silence stays where it is: clips that go on with one another shall sound as one.
        """
        self._send({"type": "request.start", **fields, "timestamps": True, "trim_silence": False})

    def append(self, text: str) -> None:
        """Send the next characters. What a broken connection loses is told to the reader of the events."""
        self._send({"type": "input_text.append", "sequence": self._sequence, "text": text})
        self._sequence += 1

    def end(self) -> None:
        """Tell that nothing follows."""
        self._send({"type": "input_text.end", "sequence": self._sequence})
        self._sequence += 1

    def events(self) -> Iterator[Event | None]:
        """Yield what the server sends, and None from time to time while it sends nothing.

        Raises `ConnectionLost` when nothing more can come, and as `read_event`.
        """
        asked: Flag | None = None
        try:
            while True:
                try:
                    message = self._socket.recv(_QUIET_SECONDS)
                except TimeoutError:
                    if asked and not asked.is_set():
                        raise ConnectionLost(f"the server at {self._server.url} does not answer any more") from None
                    asked = self._socket.ping()
                    yield None
                else:
                    asked = None
                    yield read_event(message)
        except ConnectionClosed as error:
            raise ConnectionLost(
                f"the connection to {self._server.url} broke ({error}): see the server's log, and try again"
            ) from error

    def close(self) -> None:
        """End the session at once. The reader of the events gets `ConnectionLost`."""
        self._socket.close()

    def _send(self, message: dict[str, object]) -> None:
        with suppress(ConnectionClosed):
            self._socket.send(json.dumps(message))


@contextmanager
def session(server: Server) -> Iterator[Session]:
    """Connect to the server; leaving the block cancels what is not complete.

    Raises `SpeechFailed`, or `ConnectionLost` if it may be different in a moment.
    """
    with _connection(server) as socket:
        yield Session(server, socket)


def _connection(server: Server) -> ClientConnection:
    try:
        return connect(
            server.socket_url,
            additional_headers=server.headers,
            proxy=None if server.is_local else True,
            compression=None,
            open_timeout=_CONNECT_SECONDS,
            # A pong would wait behind the audio that a slow player has not taken; `Session.events` asks itself.
            ping_interval=None,
            close_timeout=_CLOSE_SECONDS,
            max_size=_LARGEST_MESSAGE,
        )
    except InvalidStatus as error:
        raise _refusal(server, error.response) from error
    except InvalidURI as error:
        raise SpeechFailed(
            f"{server.url!r} is not the URL of a server: give one such as http://127.0.0.1:8080"
        ) from error
    except (InvalidHandshake, EOFError) as error:
        raise SpeechFailed(
            f"the server at {server.url} opens no live session: set --url to a Soprano server"
        ) from error
    except OSError as error:  # TimeoutError, too
        raise ConnectionLost(
            f"no server at {server.url}: start it with `make serve`, or set --url to where it runs"
        ) from error


def _refusal(server: Server, response: Response) -> SpeechFailed:
    message = f"the server at {server.url} refuses ({response.status_code}): {_message(response)}"
    is_busy = response.status_code == _TOO_MANY_REQUESTS or response.status_code >= _SERVER_ERROR
    return ConnectionLost(message) if is_busy else SpeechFailed(message)


def _message(response: Response) -> str:
    """The server's own error message."""
    body = bytes(response.body or b"")
    with suppress(ValueError, KeyError, TypeError):
        return message_of(json.loads(body))
    return body.decode(errors="replace").strip()[:200] or response.reason_phrase
