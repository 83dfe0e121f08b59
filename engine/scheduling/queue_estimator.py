"""An estimate of how long a new stream would wait in the queue."""

from dataclasses import dataclass

_WEIGHT = 0.1  # of the newest stream in the moving average
_TYPICAL_SECONDS = 5.0  # of audio in a stream, before any stream has ended


@dataclass(frozen=True)
class Load:
    """The streams in an engine, and how long each further stream has to wait."""

    streams: int
    """Streams that are active or queued."""
    stream_capacity: int
    """Streams that can be active at once."""
    departure_interval: float
    """Seconds between the ends of two streams when the engine is at capacity."""

    def wait(self, ahead: int) -> float:
        """Return the seconds until a new stream becomes active; `ahead` streams before it are not counted here yet."""
        return max(0, self.streams + ahead + 1 - self.stream_capacity) * self.departure_interval


class QueueEstimator:
    """Estimates how much audio a stream has: a moving average over the streams that ended."""

    def __init__(self) -> None:
        self.stream_seconds = _TYPICAL_SECONDS
        """Seconds of audio in a typical stream."""

    def observe(self, seconds: float) -> None:
        """Add a stream that had `seconds` of audio."""
        self.stream_seconds += _WEIGHT * (seconds - self.stream_seconds)
