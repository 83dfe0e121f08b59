"""How long a stream that comes now would wait for its turn."""

from dataclasses import dataclass

_WEIGHT = 0.1  # of the newest stream in the moving average
_TYPICAL_AUDIO = 5.0  # seconds of a stream, before any has been seen


@dataclass(frozen=True)
class Load:
    """The streams that an engine has, and how long each further one has to wait."""

    streams: int
    """Streams that are under way or wait for their turn."""
    places: int
    """Streams that can be under way at once."""
    turn_seconds: float
    """Seconds from one stream's end to the next one's, where every place is taken."""

    def wait(self, more: int) -> float:
        """Return the seconds until one more stream has a place, behind `more` that are not counted here yet."""
        return max(0, self.streams + more + 1 - self.places) * self.turn_seconds


class WaitingLine:
    """Learns how much audio a stream has."""

    def __init__(self) -> None:
        self.audio = _TYPICAL_AUDIO
        """Seconds of a typical stream."""

    def observe(self, audio: float) -> None:
        """Take in how many seconds of audio a stream had."""
        self.audio += _WEIGHT * (audio - self.audio)
