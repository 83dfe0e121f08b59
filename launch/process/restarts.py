"""Starting a server again that failed, after growing pauses, for as long as it takes."""

import time
from collections.abc import Callable
from typing import Protocol

from launch.errors import StartCancelled
from launch.process.stop_signal import Cancellation

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each further try; the last one stays."""

STABLE_AFTER = 180.0
"""A server that ran this many seconds is started again without a pause."""


class Server(Protocol):
    """A server that can be ended."""

    def stop(self, timeout: float) -> None:
        """End it; what is open gets `timeout` seconds."""


class Restarts:
    """The restarts of `server`, which is called `name` in the sentences that `announce` gets."""

    def __init__(self, server: Server, name: str, announce: Callable[[str], None]) -> None:
        self._server = server
        self._name = name
        self._announce = announce
        self._tries = 0
        self._ready_since = time.monotonic()

    def started(self) -> None:
        """Note that the server is ready."""
        self._ready_since = time.monotonic()

    def run(self, problem: str, start: Callable[[], None], stop: Cancellation) -> None:
        """Call `start` until it succeeds, because of `problem`. Raises `StartCancelled` when `stop` says so."""
        if time.monotonic() - self._ready_since >= STABLE_AFTER:
            self._tries = 0
        failure: str | None = problem
        while failure:
            pause = PAUSES[min(self._tries, len(PAUSES) - 1)]
            self._tries += 1
            self._announce(f"restarting {self._name}{f' in {pause:g} s' if pause else ''}: {failure}")
            # A server that failed has nothing to finish.
            left_over = _failure_of(lambda: self._server.stop(timeout=0))
            if stop.wait(pause):
                raise StartCancelled(f"the restart of {self._name} was cancelled: start it again when you are ready")
            failure = left_over or _failure_of(start)
        self.started()


def _failure_of(call: Callable[[], None]) -> str | None:
    """Return why `call` failed; None if it did not."""
    try:
        call()
    except StartCancelled:
        raise
    except Exception as error:  # whatever it is, such as a full disk, it may pass
        return f"the restart failed: {error or type(error).__name__}"
    return None
