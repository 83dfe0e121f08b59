"""Upstream's sign of a sentence gone wrong: a long run of hidden states that hardly change."""

DISTANCE_THRESHOLD = 300.0
"""Summed absolute difference of two consecutive states under which they count as alike."""
LONGEST_RUN = 16


class HallucinationGuard:
    """`SopranoTTS.hallucination_detector`, fed with one state at a time instead of all of them at the end."""

    def __init__(self) -> None:
        self._run = 0

    def observe(self, distance: float) -> bool:
        """Take in the distance of a state from the one before it; return whether the run is too long."""
        if distance < DISTANCE_THRESHOLD:
            self._run += 1
        elif self._run > 0:
            self._run -= 1
        return self._run > LONGEST_RUN
