"""Upstream's hallucination detector: a long run of hidden states that hardly change."""

import torch
from torch import Tensor

DISTANCE_THRESHOLD = 300.0
"""The summed absolute difference of two consecutive states below which they count as similar."""
LONGEST_RUN = 16
"""A sentence with a longer run hallucinates."""


def run_of_similar(run: Tensor, distance: Tensor) -> Tensor:
    """Return the lengths `[R]` of the runs after one more state; `distance` `[R]` is that from the previous state.

    A state that differs shortens a run by one, as in `SopranoTTS.hallucination_detector`.
    """
    return torch.where(distance < DISTANCE_THRESHOLD, run + 1, (run - 1).clamp(min=0))
