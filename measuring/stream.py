"""A stream as its listener receives it: time to first audio, gaps and underruns."""

from dataclasses import dataclass
from itertools import pairwise

SECONDS_PER_STATE = 2048 / 32000
"""Seconds of audio of a sentence that one decode step makes."""


@dataclass(frozen=True)
class Arrival:
    """The arrival of a chunk."""

    time: float  # seconds, on the clock of the receiving process
    audio: float  # seconds of audio in the chunk
    steps: int = 0  # steps that the engine had done before


@dataclass(frozen=True)
class Stream:
    """A request and its chunks; `silence` are the seconds of audio before the first sound, if that is known.

    The listener starts to play at the first chunk, without a buffer of its own. When the audio runs out, it waits for
    the next chunk and continues.
    """

    sent: float
    arrivals: tuple[Arrival, ...]
    silence: float | None = None

    @property
    def first_audio(self) -> float:
        """Seconds from the request to its first chunk."""
        return self.arrivals[0].time - self.sent

    @property
    def first_sound(self) -> float | None:
        """Seconds from the request until the listener hears the first sound; None if it is not known where that is."""
        if self.silence is None:
            return None
        playback_end, played = 0.0, 0.0
        for arrival in self.arrivals:
            begin = max(playback_end, arrival.time)
            if self.silence < played + arrival.audio:
                return begin + self.silence - played - self.sent
            played += arrival.audio
            playback_end = begin + arrival.audio
        return None

    @property
    def audio(self) -> float:
        """Seconds of audio in total."""
        return sum(arrival.audio for arrival in self.arrivals)

    @property
    def ended(self) -> float:
        """The time of the last chunk."""
        return self.arrivals[-1].time

    @property
    def stall(self) -> float:
        """Seconds of silence in which the listener waited for a chunk."""
        return sum(max(0.0, -seconds) for seconds in self.buffered)

    @property
    def buffered(self) -> list[float]:
        """Seconds of audio in the buffer at each chunk but the first; if negative, seconds of silence before it."""
        buffered = []
        playback_end = self.arrivals[0].time
        for before, arrival in pairwise(self.arrivals):
            playback_end += before.audio
            buffered.append(playback_end - arrival.time)
            playback_end = max(playback_end, arrival.time)
        return buffered

    @property
    def gaps(self) -> list[float]:
        """Seconds between consecutive chunks."""
        return [after.time - before.time for before, after in pairwise(self.arrivals)]

    @property
    def gap_steps(self) -> list[int]:
        """Engine steps between consecutive chunks."""
        return [after.steps - before.steps for before, after in pairwise(self.arrivals)]

    def least_buffered(self, since: float = 0.0) -> float:
        """Return the least seconds in the buffer at chunks after `since`; all the audio if there are no such chunks."""
        later = zip(self.buffered, self.arrivals[1:], strict=True)
        return min((seconds for seconds, arrival in later if arrival.time > since), default=self.audio)
