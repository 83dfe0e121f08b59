"""Admission control: the limits of open requests and of a stream's wait."""

import threading

from engine.errors import Overloaded


class Admission:
    """Counts open requests and refuses those beyond the limits. Thread-safe."""

    def __init__(self, max_requests: int, max_wait: float) -> None:
        self._max_requests = max_requests
        self._max_wait = max_wait
        self._lock = threading.Lock()
        self._open = 0
        self._rejected = 0

    @property
    def open(self) -> int:
        """The number of open requests."""
        return self._open

    @property
    def rejected(self) -> int:
        """The number of refused requests."""
        return self._rejected

    def enter(self, wait: float) -> None:
        """Admit a request with an estimated wait of `wait` seconds. Raises `Overloaded`."""
        with self._lock:
            if self._open >= self._max_requests:
                self._rejected += 1
                raise Overloaded(f"the limit of {self._open} open requests is reached; try again later")
            if wait > self._max_wait:
                self._rejected += 1
                raise Overloaded(f"a stream would wait {wait:.0f} s for its turn; try again later")
            self._open += 1

    def leave(self) -> None:
        """Remove a request that has ended from the count."""
        with self._lock:
            self._open -= 1
