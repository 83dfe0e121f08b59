"""Measurements of single requests, made on the engine's thread and read on another."""

from collections import deque
from enum import Enum

_MAX_KEPT = 10_000


class Quantity(Enum):
    """What is measured; the value is the name of the metric."""

    QUEUE = "queue_seconds"
    """Seconds from a request's arrival until its first sentence has a slot."""
    FIRST_AUDIO = "first_audio_seconds"
    """Seconds from a streaming request's arrival until its first audio is emitted."""
    REAL_TIME_FACTOR = "real_time_factor"
    """Seconds from a request's arrival until its last audio is emitted, divided by its seconds of audio."""
    CANCEL = "cancel_seconds"
    """Seconds from when a cancelling caller was last known to be connected until its slots are free."""


class Observations:
    """A bounded queue of measurements; when it is full, the oldest are dropped."""

    def __init__(self) -> None:
        self._noted: deque[tuple[Quantity, float]] = deque(maxlen=_MAX_KEPT)

    def note(self, quantity: Quantity, value: float) -> None:
        """Add a measurement. Thread-safe."""
        self._noted.append((quantity, value))

    def take(self, limit: int = _MAX_KEPT) -> list[tuple[Quantity, float]]:
        """Remove and return up to `limit` measurements, the oldest first. Must be called by one thread only."""
        return [self._noted.popleft() for _ in range(min(limit, len(self._noted)))]
