"""Upstream's hallucination detector: a long run of hidden states that hardly change."""

import numpy as np
from numpy.typing import NDArray

DISTANCE_THRESHOLD = 300.0
"""The summed absolute difference of two consecutive states below which they count as similar."""
LONGEST_RUN = 16


class HallucinationGuard:
    """An incremental `SopranoTTS.hallucination_detector` for many sentences at once."""

    def __init__(self, sentences: int) -> None:
        self._runs = np.zeros(sentences, dtype=np.int64)

    def begin(self, sentence: int) -> None:
        """Reset a sentence."""
        self._runs[sentence] = 0

    def observe(self, sentences: NDArray[np.int64], distances: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Add each sentence's distance from its previous state; return which runs are too long."""
        runs = self._runs[sentences]
        self._runs[sentences] = np.where(distances < DISTANCE_THRESHOLD, runs + 1, np.maximum(runs - 1, 0))
        return self._runs[sentences] > LONGEST_RUN

    def swap(self, first: int, second: int) -> None:
        """Exchange two sentences."""
        self._runs[[first, second]] = self._runs[[second, first]]
