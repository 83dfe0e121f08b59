"""Sampling parameters of every slot, on the device; what decides the shape of a step also on the host."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.sampler import SamplingBatch

_LARGE_TOP_K = 64
"""A top-k up to this is drawn from the 64 largest logits, any larger one from the whole vocabulary."""


class SamplingTable:
    """Written when a sentence starts, read in every step."""

    def __init__(self, slots: int, vocabulary: int, device: torch.device) -> None:
        self._vocabulary = vocabulary
        self._temperature = torch.zeros(slots, device=device)
        self._top_k = torch.ones(slots, dtype=torch.int64, device=device)
        self._top_p = torch.ones(slots, device=device)
        self._repetition_penalty = torch.ones(slots, device=device)
        self._seed = torch.zeros(slots, dtype=torch.int64, device=device)
        self._candidates = np.zeros(slots, dtype=np.int64)  # logits to draw from; 0 where nothing is drawn

    @property
    def usual_candidates(self) -> tuple[int, int]:
        """What `candidates` returns unless somebody asks for a large top-k."""
        return 0, min(_LARGE_TOP_K, self._vocabulary)

    def set(
        self, slot: int, *, temperature: float, top_k: int, top_p: float, repetition_penalty: float, seed: int
    ) -> None:
        """Give a slot its parameters; a `top_k` of 0 means the whole vocabulary."""
        top_k = min(top_k, self._vocabulary) or self._vocabulary
        self._temperature[slot] = temperature
        self._top_k[slot] = top_k
        self._top_p[slot] = top_p
        self._repetition_penalty[slot] = repetition_penalty
        self._seed[slot] = seed
        usual = self.usual_candidates[1]
        candidates = usual if top_k <= usual else self._vocabulary
        self._candidates[slot] = candidates if temperature > 0 else 0

    def copy(self, source: int, target: int) -> None:
        """Copy one slot's parameters to another."""
        for table in (self._temperature, self._top_k, self._top_p, self._repetition_penalty, self._seed):
            table[target] = table[source]
        self._candidates[target] = self._candidates[source]

    def candidates(self, slots: Sequence[int]) -> int:
        """Return how many of the largest logits a step over `slots` draws from; 0 if no row draws."""
        return int(self._candidates[list(slots)].max())

    def batch(self, slots: Tensor, candidates: int) -> SamplingBatch:
        """Return the parameters of `slots` `[R]`."""
        return SamplingBatch(
            temperature=self._temperature[slots],
            top_k=self._top_k[slots],
            top_p=self._top_p[slots],
            repetition_penalty=self._repetition_penalty[slots],
            seed=self._seed[slots],
            greedy=candidates == 0,
            largest_top_k=candidates,
        )
