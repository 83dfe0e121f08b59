"""Restarting a server that failed, with growing pauses, until it works again."""

import time
from collections.abc import Callable
from typing import Protocol

from ipc.restart_pauses import RestartPauses
from ipc.stop_signal import Cancellation
from launch.errors import StartCancelled


class Server(Protocol):
    """A server that can be stopped."""

    def stop(self, timeout: float) -> None:
        """Stop it; open requests have `timeout` seconds to finish."""


class Restarts:
    """Restarts `server`. `announce` is called with sentences for the user, which call the server `name`."""

    def __init__(self, server: Server, name: str, announce: Callable[[str], None]) -> None:
        self._server = server
        self._name = name
        self._announce = announce
        self._pauses = RestartPauses()
        self._ready_since = time.monotonic()

    def started(self) -> None:
        """Note that the server is ready."""
        self._ready_since = time.monotonic()

    def run(self, problem: str, start: Callable[[], None], stop: Cancellation) -> None:
        """Call `start` until it succeeds; `problem` is why. Raises `StartCancelled` if `stop` asks for it."""
        ran = time.monotonic() - self._ready_since
        failure: str | None = problem
        while failure:
            pause, ran = self._pauses.next(ran), 0.0
            self._announce(f"restarting {self._name}{f' in {pause:g} s' if pause else ''}: {failure}")
            # A server that failed has no requests to finish.
            failure = _failure_of(lambda: self._server.stop(timeout=0))
            if stop.wait(pause):
                raise StartCancelled(f"the restart of {self._name} was cancelled: start it again when you are ready")
            failure = failure or _failure_of(start)
        self.started()


def _failure_of(call: Callable[[], None]) -> str | None:
    """Return why `call` failed; None if it did not."""
    try:
        call()
    except StartCancelled:
        raise
    except Exception as error:  # any cause, such as a full disk, may be temporary
        return f"the restart failed: {error or type(error).__name__}"
    return None
