"""A stream as its listener receives it: first audio, gaps and underruns."""

from dataclasses import dataclass
from itertools import pairwise

SECONDS_PER_STATE = 2048 / 32000
"""Audio that one decode step makes of a sentence."""


@dataclass(frozen=True)
class Arrival:
    """A chunk, when it reached its listener."""

    time: float  # seconds, on the clock of the process that listened
    audio: float  # seconds of it
    steps: int = 0  # that the engine had done by then


@dataclass(frozen=True)
class Stream:
    """A request and its chunks.

    A listener plays from the first chunk on, without a buffer of its own: it waits when the audio has run out and goes
    on with the next chunk.
    """

    sent: float
    arrivals: tuple[Arrival, ...]

    @property
    def first_audio(self) -> float:
        """Seconds from the request to its first chunk."""
        return self.arrivals[0].time - self.sent

    @property
    def audio(self) -> float:
        """Seconds of audio."""
        return sum(arrival.audio for arrival in self.arrivals)

    @property
    def ended(self) -> float:
        """When the last chunk came."""
        return self.arrivals[-1].time

    @property
    def stall(self) -> float:
        """Seconds of silence in which the listener waited for a chunk."""
        return sum(max(0.0, -lead) for lead in self.leads)

    @property
    def leads(self) -> list[float]:
        """Seconds buffered when each chunk but the first came; below zero, the seconds of silence before it."""
        leads = []
        playback_end = self.arrivals[0].time
        for before, arrival in pairwise(self.arrivals):
            playback_end += before.audio
            leads.append(playback_end - arrival.time)
            playback_end = max(playback_end, arrival.time)
        return leads

    @property
    def gaps(self) -> list[float]:
        """Seconds between each chunk and the one before."""
        return [after.time - before.time for before, after in pairwise(self.arrivals)]

    @property
    def gap_steps(self) -> list[int]:
        """Engine steps between each chunk and the one before."""
        return [after.steps - before.steps for before, after in pairwise(self.arrivals)]

    def smallest_lead(self, since: float = 0.0) -> float:
        """Return the least lead at chunks that came after `since`; all its audio if there are no such chunks."""
        late = [lead for lead, arrival in zip(self.leads, self.arrivals[1:], strict=True) if arrival.time > since]
        return min(late, default=self.audio)
