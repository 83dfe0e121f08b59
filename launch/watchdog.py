"""Tells whether Triton still speaks: a dead model process leaves its health at 200 and its requests open for ever."""

import http.client
import json
import socket
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from launch.errors import InvalidSetting

PATH = "/v2/models/soprano/infer"
WORD = "Hello."
_RECHECK = 1.0
_SIGNS_OF_LIFE = (b"overloaded:", b"timeout:")


@dataclass(frozen=True)
class WatchdogSettings:
    """How patient the watchdog is; the defaults let a machine under full load pass. Raises `InvalidSetting`."""

    interval: float = 10.0
    """Seconds between two checks, but one at most after a failure; 0 turns them off."""
    deadline: float = 75.0
    """Seconds that one word may take; it waits its turn behind the requests of others. More than the engine's own
    deadline for first audio, so that an engine with too much to do can still say so."""
    failures: int = 3
    """Failed checks in a row that count as broken."""

    def __post_init__(self) -> None:
        """Check every value."""
        if self.interval < 0 or self.deadline <= 0 or self.failures < 1:
            raise InvalidSetting(
                "the watchdog needs --watchdog-interval of at least 0, --watchdog-deadline above 0 and "
                "--watchdog-failures of at least 1"
            )


class Watchdog:
    """Has Triton speak one word every few seconds; a context manager that watches inside its block.

    The thread `watchdog` belongs to the block: it ends with it, at once, also in the middle of a check.
    """

    def __init__(self, triton_url: str, settings: WatchdogSettings) -> None:
        url = urlsplit(triton_url)
        self._address = (url.hostname or "", url.port)
        self._settings = settings
        self._stop = threading.Event()
        self._socket: socket.socket | None = None
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._watch, name="watchdog")

    def __enter__(self) -> Self:
        if self._settings.interval:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._socket:
            # Wakes the thread if it waits for an answer; a check that has just ended has closed the socket.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join()

    @property
    def failure(self) -> str | None:
        """Why Triton counts as broken; None as long as it does not."""
        return self._failure

    def _watch(self) -> None:
        failures = 0
        # A failure is looked into at once; what is only late has had its time in the check itself.
        while not self._stop.wait(min(self._settings.interval, _RECHECK) if failures else self._settings.interval):
            problem = self._check()
            failures = failures + 1 if problem else 0
            if failures == self._settings.failures and not self._stop.is_set():
                self._failure = f"{failures} one-word requests in a row failed, the last one because {problem}"
                return

    def _check(self) -> str | None:
        """Have one word spoken; return what went wrong. An engine that is full, or late, is alive."""
        with closing(http.client.HTTPConnection(*self._address, timeout=self._settings.deadline)) as connection:
            try:
                connection.connect()
                self._socket = connection.sock
                if self._stop.is_set():
                    return None
                connection.request("POST", PATH, _body(), {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = response.read()
            except TimeoutError:
                return f"there was no answer within {self._settings.deadline:.0f} s"
            except (OSError, http.client.HTTPException) as error:
                return f"the connection broke ({error})"
        if response.status == http.client.OK or any(sign in answer for sign in _SIGNS_OF_LIFE):
            return None
        return f"the answer was {response.status}: {answer[:200].decode(errors='replace')}"


def _body() -> bytes:
    text = {"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": [WORD]}
    # All outputs: this Triton may crash when a client asks for some of them.
    return json.dumps({"inputs": [text], "parameters": {"binary_data_output": True}}).encode()
