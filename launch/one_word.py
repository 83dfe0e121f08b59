"""Has Triton speak one word: the only sign that all of it works.

A dead model process leaves Triton's health at 200 and its requests open for ever.
"""

import http.client
import json
import socket
import threading
from contextlib import closing, suppress
from urllib.parse import urlsplit

PATH = "/v2/models/soprano/infer"
WORD = "Hello."
_SIGNS_OF_LIFE = (b"overloaded:", b"timeout:")


class OneWord:
    """One word of the Triton at `triton_url`, which may take `deadline` seconds."""

    def __init__(self, triton_url: str, deadline: float) -> None:
        url = urlsplit(triton_url)
        self._address = (url.hostname or "", url.port)
        self._deadline = deadline
        self._socket: socket.socket | None = None
        self._interrupted = threading.Event()

    def speak(self) -> str | None:
        """Have it spoken; return what went wrong. An engine that has too much to do, and says so, is alive."""
        with closing(http.client.HTTPConnection(*self._address, timeout=self._deadline)) as connection:
            try:
                connection.connect()
                self._socket = connection.sock
                if self._interrupted.is_set():
                    return None
                connection.request("POST", PATH, _body(), {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = response.read()
            except TimeoutError:
                return f"there was no answer within {self._deadline:g} s"
            except (OSError, http.client.HTTPException) as error:
                return f"the connection broke ({error})"
        if response.status == http.client.OK or any(sign in answer for sign in _SIGNS_OF_LIFE):
            return None
        return f"the answer was {response.status}: {answer[:200].decode(errors='replace')}"

    def interrupt(self) -> None:
        """Have `speak` return at once, now and from now on; from any thread."""
        self._interrupted.set()
        if self._socket:
            # Wakes whoever waits for an answer; a word that has just been spoken has closed the socket.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _body() -> bytes:
    text = {"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": [WORD]}
    # All outputs: Triton 24.10 may crash when a client asks for some of them.
    return json.dumps({"inputs": [text], "parameters": {"binary_data_output": True}}).encode()
