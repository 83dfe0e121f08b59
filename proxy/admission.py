"""How many clips may be made at once, and when to come back."""

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

from proxy.errors import QueueFull

WINDOW_SECONDS = 30.0
LONGEST_WAIT = 60
"""Seconds; the openai clients take no notice of a longer `Retry-After`."""


class Admission:
    """Places for clips under way, of which one key holds at most `places_per_key`. All from one thread, the event
    loop's.

    Whoever is refused, here or by the engine, is told to come back when those who were refused before will have had
    their places, at the pace at which places became free in the last half minute.
    """

    def __init__(
        self,
        places: int,
        gauge: Gauge,
        clock: Callable[[], float] = time.monotonic,
        *,
        places_per_key: int | None = None,
    ) -> None:
        self._places = places
        self._places_per_key = places if places_per_key is None else places_per_key
        self._taken_by: Counter[str] = Counter()
        self._gauge = gauge
        self._clock = clock
        self._taken = 0
        self._freed: deque[float] = deque()
        self._refused: deque[float] = deque()

    @property
    def taken(self) -> int:
        """Places in use."""
        return self._taken

    @contextmanager
    def place(self, key: str = "") -> Iterator[None]:
        """Hold a place for `key`. Raises `QueueFull`; one that passes through gets its `retry_after`."""
        try:
            self._take(key)
            try:
                yield
            finally:
                self._free(key)
        except QueueFull as error:
            error.retry_after = self._wait()
            raise

    def _take(self, key: str) -> None:
        if self._taken >= self._places:
            raise QueueFull(f"{self._taken} clips are being made, as many as may be at once; try again later.")
        if (own := self._taken_by[key]) >= self._places_per_key:
            raise QueueFull(f"{own} clips are being made for this key, its share of the places; try again later.")
        self._taken += 1
        self._taken_by[key] += 1
        self._gauge.set(self._taken)

    def _free(self, key: str) -> None:
        self._taken -= 1
        self._taken_by[key] -= 1
        if not self._taken_by[key]:
            del self._taken_by[key]
        self._gauge.set(self._taken)
        self._note(self._freed)

    def _wait(self) -> int:
        """Seconds for the `Retry-After` of one more that is refused."""
        now = self._note(self._refused)
        if not self._freed:
            return LONGEST_WAIT
        pace = len(self._freed) / max(1.0, now - self._freed[0])
        return min(LONGEST_WAIT, max(1, math.ceil(len(self._refused) / pace)))

    def _note(self, times: deque[float]) -> float:
        """Add the present to `times` and forget what is older than the window."""
        now = self._clock()
        times.append(now)
        for each in (self._freed, self._refused):
            while each and each[0] < now - WINDOW_SECONDS:
                each.popleft()
        return now
