"""Clients that read slowly; their receive buffer is small, so that the server notices."""

import contextlib
import json
import socket
import time
from urllib.parse import urlsplit

import httpx

WINDOW = 65536


def ask_for_speech(client: httpx.Client, **fields: object) -> socket.socket:
    """A connection on which speech was requested and nothing has been read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
    url = urlsplit(str(client.base_url))
    connection.connect((url.hostname, url.port))
    body = json.dumps({"model": "tts-1", "input": "Hello.", "response_format": "pcm", **fields}).encode()
    head = b"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    connection.sendall(head % len(body) + body)
    return connection


def read_slowly(connection: socket.socket, *, pause: float, seconds: float) -> bool:
    """Read for `seconds` with a `pause` after each read, and return whether the server was still sending then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionResetError):
            if connection.recv(8192):
                time.sleep(pause)
                continue
        return False
    return True
