"""Makes Triton speak one word, the only proof that all of it works.

If a model's process dies, Triton's health route still answers with 200, and requests stay open for ever.
"""

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

PATH = "/v2/models/soprano/infer"
WORD = "Hello."

AUDIO_METRIC = "soprano_audio_seconds_total"
"""The engine's metric of the audio that it has delivered, in seconds."""

_BUSY = (b"overloaded:", b"timeout:")
_RECOVERING = b"unavailable:"
_AUDIO_MADE = re.compile(rf"^{AUDIO_METRIC}(?:{{.*}})? (\S+)$".encode(), re.MULTILINE)
_RECHECK = 0.5


class Health(Enum):
    """The state of Triton."""

    ALIVE = auto()
    """The word was spoken; or it was refused while audio was made for other requests."""

    RECOVERING = auto()
    """The model reports that it is replacing its engine."""

    BROKEN = auto()
    """Nothing shows that Triton can speak."""


@dataclass(frozen=True)
class Finding:
    """The result of a probe."""

    health: Health
    problem: str = ""
    """What went wrong, if the health is not `ALIVE`."""


_ALIVE = Finding(Health.ALIVE)


class Probe:
    """A check that the Triton at `triton_url` speaks one word within `deadline` seconds."""

    def __init__(self, triton_url: str, metrics_url: str, deadline: float) -> None:
        """Send nothing yet. `metrics_url` is the URL of Triton's metrics."""
        self._triton = urlsplit(triton_url)
        self._metrics = urlsplit(metrics_url)
        self._deadline = deadline
        self._socket: socket.socket | None = None
        self._interrupted = threading.Event()

    def run(self) -> Finding:
        """Request the word and return the finding.

        A refusal because of overload comes from the code that counts requests, while the engine itself may be dead. It
        counts as healthy only if audio is made for other requests within the deadline.
        """
        try:
            status, answer = self._request("POST", self._triton.netloc, PATH, _body(), self._deadline)
        except _Interrupted:
            return _ALIVE
        except TimeoutError:
            return Finding(Health.BROKEN, f"there was no answer within {self._deadline:g} s")
        except (OSError, http.client.HTTPException) as error:
            return Finding(Health.BROKEN, f"the connection broke ({error})")
        if status == http.client.OK:
            return _ALIVE
        problem = f"the answer was {status}: {answer[:200].decode(errors='replace')}"
        if any(sign in answer for sign in _BUSY):
            return self._busy(problem)
        return Finding(Health.RECOVERING if _RECOVERING in answer else Health.BROKEN, problem)

    def interrupt(self) -> None:
        """Make the current and every later `run` return at once; may be called from any thread."""
        self._interrupted.set()
        if self._socket:
            # Wakes the thread that waits for the response. OSError: the socket was closed after the response.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _busy(self, refusal: str) -> Finding:
        """Wait for audio made for other requests, which would show that the refusal was due to load."""
        deadline = time.monotonic() + self._deadline
        before: float | None = None
        while time.monotonic() < deadline:
            made = self._audio_made()
            if before is None:
                before = made
            elif made is not None and made > before:
                return _ALIVE
            if self._interrupted.wait(min(_RECHECK, self._deadline / 10)):
                return _ALIVE
        return Finding(Health.BROKEN, f"{refusal}; but no audio was made within {self._deadline:g} s")

    def _audio_made(self) -> float | None:
        """Seconds of audio that the engine has made, from its metrics; None if they are not available."""
        try:
            _, metrics = self._request("GET", self._metrics.netloc, self._metrics.path, None, _RECHECK)
        except (_Interrupted, OSError, http.client.HTTPException):
            return None
        values = [float(value) for value in _AUDIO_MADE.findall(metrics)]
        return sum(values) if values else None

    def _request(self, method: str, host: str, path: str, body: bytes | None, timeout: float) -> tuple[int, bytes]:
        headers: Mapping[str, str] = {"Content-Type": "application/json"} if body else {}
        with closing(http.client.HTTPConnection(host, timeout=timeout)) as connection:
            try:
                connection.connect()
                self._socket = connection.sock
                if self._interrupted.is_set():
                    raise _Interrupted
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                if self._interrupted.is_set():
                    raise _Interrupted from error
                raise


class _Interrupted(Exception):
    """`interrupt` was called."""


def _body() -> bytes:
    text = {"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": [WORD]}
    # No outputs are selected, because Triton 24.10 may crash when a client asks for only some of them.
    return json.dumps({"inputs": [text], "parameters": {"binary_data_output": True}}).encode()
