"""When requests that nobody has heard anything of are given up."""

from collections.abc import Iterable

from engine.scheduling.slot_table import NEVER
from engine.scheduling.utterance import Utterance


class FirstAudioDeadline:
    """Ends the wait of requests `seconds` after their arrival, unless some of their audio has been made.

    It keeps the earliest moment at which one may be late and looks at them only then, so it costs a step nothing.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.next = NEVER
        """No request is late before this, in seconds."""

    def add(self, utterance: Utterance) -> None:
        """Take in a request."""
        self.next = min(self.next, utterance.arrived + self.seconds)

    def late(self, utterances: Iterable[Utterance], now: float) -> list[Utterance]:
        """Return those of the open requests that are late."""
        if now < self.next:
            return []
        silent = [utterance for utterance in utterances if not utterance.has_decoded]
        ends = [utterance.arrived + self.seconds for utterance in silent]
        self.next = min((end for end in ends if end > now), default=NEVER)
        return [utterance for utterance, end in zip(silent, ends, strict=True) if end <= now]
