"""How long a stream that comes now would wait for its turn."""

_WEIGHT = 0.1  # of the newest stream in the moving average
_TYPICAL_AUDIO = 5.0  # seconds of a stream, before any has been seen


class WaitingLine:
    """Learns how much audio a stream has, and so how long those take that are before one in the line."""

    def __init__(self) -> None:
        self._audio = _TYPICAL_AUDIO

    def observe(self, audio: float) -> None:
        """Take in how many seconds of audio a stream had."""
        self._audio += _WEIGHT * (audio - self._audio)

    def wait(self, streams: int, places: int, times_real_time: float) -> float:
        """Return the seconds until one more has a place, where `streams` have or want one of `places`.

        All streams together make so many seconds of audio a second.
        """
        return max(0, streams + 1 - places) * self._audio / times_real_time
