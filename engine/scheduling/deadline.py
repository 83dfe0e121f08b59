"""The deadline for a request's first audio."""

from collections.abc import Iterable

from engine.scheduling.slot_table import NEVER
from engine.scheduling.utterance import Utterance


class FirstAudioDeadline:
    """Finds requests without decoded audio `seconds` after their arrival.

    It stores the earliest time at which a request may be late, and checks the requests only then.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.next = NEVER
        """No request is late before this time, in seconds of the clock."""

    def add(self, utterance: Utterance) -> None:
        """Add a request."""
        self.next = min(self.next, utterance.arrived + self.seconds)

    def late(self, utterances: Iterable[Utterance], now: float) -> list[Utterance]:
        """Return the open requests that are late."""
        if now < self.next:
            return []
        silent = [utterance for utterance in utterances if not utterance.has_decoded]
        ends = [utterance.arrived + self.seconds for utterance in silent]
        self.next = min((end for end in ends if end > now), default=NEVER)
        return [utterance for utterance, end in zip(silent, ends, strict=True) if end <= now]
