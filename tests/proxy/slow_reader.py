"""Clients that read as little as they like: their own window is small, so that the server sees it."""

import contextlib
import json
import socket
import time
from urllib.parse import urlsplit

import httpx

WINDOW = 65536


def ask_for_speech(client: httpx.Client, **fields: object) -> socket.socket:
    """A connection on which speech was asked for and nothing has been read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
    url = urlsplit(str(client.base_url))
    connection.connect((url.hostname, url.port))
    body = json.dumps({"model": "tts-1", "input": "Hello.", "response_format": "pcm", **fields}).encode()
    head = b"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    connection.sendall(head % len(body) + body)
    return connection


def read_slowly(connection: socket.socket, *, pause: float, seconds: float) -> bool:
    """Whether the server was still sending after `seconds`, of which `pause` pass after each read."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionResetError):
            if connection.recv(8192):
                time.sleep(pause)
                continue
        return False
    return True
