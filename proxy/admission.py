"""How many clips may be made at once, and when a refused client should come back."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

from proxy.errors import LONGEST_RETRY_AFTER, QueueFull
from proxy.worker_table import WorkerTable


class Admission:
    """A permit for each clip in progress; one key holds at most `permits_per_key`. To be used from one thread only.

    The limits hold for all workers of the `table` together; the gauge shows the permits of this one. The `Retry-After`
    of a refusal, by this class or by the engine, is the number of requests refused in the table's window divided by the
    number of permits released per second in that time.
    """

    def __init__(
        self,
        permits: int,
        gauge: Gauge,
        clock: Callable[[], float] = time.monotonic,
        *,
        permits_per_key: int | None = None,
        table: WorkerTable | None = None,
    ) -> None:
        """`clock` must be one that all workers share; without a `table`, this is the only worker and knows no keys."""
        self._permits = permits
        self._permits_per_key = permits if permits_per_key is None else permits_per_key
        self._table = table or WorkerTable()
        self._gauge = gauge
        self._clock = clock

    @property
    def in_use(self) -> int:
        """Permits in use, by all workers."""
        return self._table.permits()

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
        with self._table.locked():
            if self._table.permits() >= self._permits:
                raise QueueFull(f"The limit of {self._permits} clips at once is reached; try again later.")
            if self._table.permits(key) >= self._permits_per_key:
                raise QueueFull(
                    f"The limit of {self._permits_per_key} clips at once for this key is reached; try again later."
                )
            self._table.change_permits(key, 1)
        self._gauge.set(self._table.own_permits())

    def _release(self, key: str) -> None:
        self._table.change_permits(key, -1)
        self._table.note_release(int(self._clock()))
        self._gauge.set(self._table.own_permits())

    def _retry_after(self) -> int:
        """Count one more refusal and return its `Retry-After` in seconds."""
        now = int(self._clock())
        self._table.note_refusal(now)
        window = self._table.window(now)
        if not window.released:
            return LONGEST_RETRY_AFTER
        releases_per_second = window.released / max(1, window.seconds)
        return min(LONGEST_RETRY_AFTER, max(1, math.ceil(window.refused / releases_per_second)))
