"""Upstream's sign of a sentence gone wrong: a long run of hidden states that hardly change."""

import numpy as np
from numpy.typing import NDArray

DISTANCE_THRESHOLD = 300.0
"""Summed absolute difference of two consecutive states under which they count as alike."""
LONGEST_RUN = 16


class HallucinationGuard:
    """`SopranoTTS.hallucination_detector`, fed as the states arrive, for many sentences at once."""

    def __init__(self, sentences: int) -> None:
        self._runs = np.zeros(sentences, dtype=np.int64)

    def begin(self, sentence: int) -> None:
        """Forget what was observed of a sentence."""
        self._runs[sentence] = 0

    def observe(self, sentences: NDArray[np.int64], distances: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Take in the distance of a state from the one before, for some; return whose run is too long."""
        runs = self._runs[sentences]
        self._runs[sentences] = np.where(distances < DISTANCE_THRESHOLD, runs + 1, np.maximum(runs - 1, 0))
        return self._runs[sentences] > LONGEST_RUN

    def swap(self, first: int, second: int) -> None:
        """Exchange two sentences' places."""
        self._runs[[first, second]] = self._runs[[second, first]]
