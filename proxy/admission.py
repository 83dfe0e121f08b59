"""How many clips may be made at once, and when a refused client should come back."""

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

from proxy.errors import LONGEST_RETRY_AFTER, QueueFull

WINDOW_SECONDS = 30.0


class Admission:
    """A permit for each clip in progress; one key holds at most `permits_per_key`. To be used from one thread only.

    The `Retry-After` of a refusal, by this class or by the engine, is the number of requests refused in the last
    `WINDOW_SECONDS` divided by the number of permits released per second in that time.
    """

    def __init__(
        self,
        permits: int,
        gauge: Gauge,
        clock: Callable[[], float] = time.monotonic,
        *,
        permits_per_key: int | None = None,
    ) -> None:
        self._permits = permits
        self._permits_per_key = permits if permits_per_key is None else permits_per_key
        self._in_use_by: Counter[str] = Counter()
        self._gauge = gauge
        self._clock = clock
        self._in_use = 0
        self._released: deque[float] = deque()
        self._refused: deque[float] = deque()

    @property
    def in_use(self) -> int:
        """Permits in use."""
        return self._in_use

    @contextmanager
    def permit(self, key: str = "") -> Iterator[None]:
        """Hold a permit for `key`. Raises `QueueFull`; a `QueueFull` from the block gets its `retry_after` here."""
        try:
            self._acquire(key)
            try:
                yield
            finally:
                self._release(key)
        except QueueFull as error:
            error.retry_after = self._retry_after()
            raise

    def _acquire(self, key: str) -> None:
        if self._in_use >= self._permits:
            raise QueueFull(f"The limit of {self._permits} clips at once is reached; try again later.")
        if self._in_use_by[key] >= self._permits_per_key:
            raise QueueFull(
                f"The limit of {self._permits_per_key} clips at once for this key is reached; try again later."
            )
        self._in_use += 1
        self._in_use_by[key] += 1
        self._gauge.set(self._in_use)

    def _release(self, key: str) -> None:
        self._in_use -= 1
        self._in_use_by[key] -= 1
        if not self._in_use_by[key]:
            del self._in_use_by[key]
        self._gauge.set(self._in_use)
        self._note(self._released)

    def _retry_after(self) -> int:
        """Count one more refusal and return its `Retry-After` in seconds."""
        now = self._note(self._refused)
        if not self._released:
            return LONGEST_RETRY_AFTER
        releases_per_second = len(self._released) / max(1.0, now - self._released[0])
        return min(LONGEST_RETRY_AFTER, max(1, math.ceil(len(self._refused) / releases_per_second)))

    def _note(self, times: deque[float]) -> float:
        """Append the current time to `times`, drop what is older than the window, and return the time."""
        now = self._clock()
        times.append(now)
        for each in (self._released, self._refused):
            while each and each[0] < now - WINDOW_SECONDS:
                each.popleft()
        return now
