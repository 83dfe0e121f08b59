"""How many decode steps the next beat has."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.settings import LONGEST_CHUNK_WAIT

_SHARE_OF_BUFFERED = 0.5  # of the buffered seconds that may pass until the next audio
_OF_WHOLE_CLIPS = 8  # steps, if nobody listens yet


@dataclass(frozen=True)
class Listener:
    """A stream whose next sentence takes part in a beat."""

    decoded_states: int  # of that sentence
    buffered: float | None
    """Seconds of audio that are not played yet; None before any audio was emitted."""


@dataclass(frozen=True)
class BeatLength:
    """Chooses the steps of each beat: short beats have low latency, long ones cost less for each state.

    The first audio of a stream comes from the shortest exact beat. After that, the next audio may take a share of the
    buffered seconds, so that beats grow with the playback buffer.
    """

    beats: tuple[int, ...]  # that the device has, ascending
    first_states: int  # states before the first audio
    longest_wait: float = LONGEST_CHUNK_WAIT

    def steps(self, listeners: Iterable[Listener], step_seconds: float) -> int:
        """Return the steps of a beat, given the duration of one step with its audio."""
        wanted = min((self._wanted(each, step_seconds) for each in listeners), default=_OF_WHOLE_CLIPS)
        return max((steps for steps in self.beats if steps <= wanted), default=self.beats[0])

    def _wanted(self, listener: Listener, step_seconds: float) -> float:
        if listener.decoded_states < self.first_states:
            return self.first_states - listener.decoded_states
        if listener.buffered is None:  # there is some audio, but it would not last until the next
            return 1
        return min(_SHARE_OF_BUFFERED * listener.buffered, self.longest_wait) / step_seconds
