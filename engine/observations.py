"""What single requests took: measured in the engine's thread, read in another."""

from collections import deque
from enum import Enum

_MAX_KEPT = 10_000


class Quantity(Enum):
    """What is measured; each value is its name in the metrics."""

    QUEUE = "queue_seconds"
    """From a request's arrival until its first sentence has a slot."""
    FIRST_AUDIO = "first_audio_seconds"
    """From a request's arrival until its first audio is handed over, where it is streamed."""
    REAL_TIME_FACTOR = "real_time_factor"
    """Seconds from a request's arrival until its last audio is handed over, for each second of audio."""
    CANCEL = "cancel_seconds"
    """From the latest moment at which a caller was still there until its request's slots are free."""


class Observations:
    """A line of measurements; where nobody takes them, the oldest fall out."""

    def __init__(self) -> None:
        self._noted: deque[tuple[Quantity, float]] = deque(maxlen=_MAX_KEPT)

    def note(self, quantity: Quantity, value: float) -> None:
        """Add one. For the engine."""
        self._noted.append((quantity, value))

    def take(self, most: int = _MAX_KEPT) -> list[tuple[Quantity, float]]:
        """Return up to `most`, the oldest first, each of them once. For any one thread."""
        return [self._noted.popleft() for _ in range(min(most, len(self._noted)))]
