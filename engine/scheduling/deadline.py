"""The deadline for a request's first audio."""

import heapq
import itertools

from engine.scheduling.utterance import Utterance

NEVER = float("inf")


class FirstAudioDeadline:
    """Finds requests without decoded audio `seconds` after their arrival."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._order = itertools.count()
        self._due: list[tuple[float, int, Utterance]] = []

    @property
    def next(self) -> float:
        """No request is late before this time, in seconds of the clock."""
        while self._due and not _waits(self._due[0][2]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else NEVER

    def add(self, utterance: Utterance) -> None:
        """Add a request."""
        if self.seconds != NEVER:
            heapq.heappush(self._due, (utterance.arrived + self.seconds, next(self._order), utterance))

    def late(self, now: float) -> list[Utterance]:
        """Return the open requests that are late, once each."""
        late: list[Utterance] = []
        while self.next <= now:
            late.append(heapq.heappop(self._due)[2])
        return late


def _waits(utterance: Utterance) -> bool:
    return not (utterance.closed or utterance.has_decoded)
