"""What the listener of a live clip has still to hear."""

import time
from collections.abc import Callable


class Playback:
    """The audio that a listener has buffered who plays a clip as it comes, and goes on after an underrun."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = 0.0
        self._end = 0.0  # when all of it has been played, by `clock`

    @property
    def buffered(self) -> float:
        """Seconds that the listener has still to hear."""
        return max(0.0, self._end - self._clock())

    def extend(self, seconds: float) -> None:
        """Note that the first `seconds` of the clip have been sent."""
        self._end = max(self._end, self._clock()) + seconds - self._seconds
        self._seconds = seconds

    def stop(self) -> None:
        """Note that the listener drops what it has not heard."""
        self._end = 0.0
