"""How many requests may be open, and how long a stream may have to wait."""

import threading

from engine.errors import Overloaded


class Admission:
    """Counts open requests, and refuses those that there is no room for. Safe to call from any thread."""

    def __init__(self, max_requests: int, max_wait: float) -> None:
        self._max_requests = max_requests
        self._max_wait = max_wait
        self._lock = threading.Lock()
        self._open = 0
        self._rejected = 0

    @property
    def open(self) -> int:
        """Requests that are open."""
        return self._open

    @property
    def rejected(self) -> int:
        """Requests that were refused."""
        return self._rejected

    def enter(self, wait: float) -> None:
        """Let in a request that would wait so many seconds for its turn. Raises `Overloaded`."""
        with self._lock:
            if self._open >= self._max_requests:
                self._rejected += 1
                raise Overloaded(f"the limit of {self._open} open requests is reached; try again later")
            if wait > self._max_wait:
                self._rejected += 1
                raise Overloaded(f"a stream would wait {wait:.0f} s for its turn; try again later")
            self._open += 1

    def leave(self) -> None:
        """Count out a request that has ended."""
        with self._lock:
            self._open -= 1
