"""Sampling parameters of all slots on the device; those that determine a step's shapes are also on the host."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.model.sampler import SamplingBatch
from engine.request import SamplingParameters

_LARGE_TOP_K = 64
"""Up to this top-k, a step samples from the 64 largest logits; above it, from all logits in a second pass."""


class SamplingTable:
    """Written when a sentence starts, read in every step."""

    def __init__(self, slots: int, vocabulary: int, device: torch.device) -> None:
        self._vocabulary = vocabulary
        self._temperature = torch.zeros(slots, device=device)
        self._top_k = torch.ones(slots, dtype=torch.int64, device=device)
        self._top_p = torch.ones(slots, device=device)
        self._repetition_penalty = torch.ones(slots, device=device)
        self._seed = torch.zeros(slots, dtype=torch.int64, device=device)
        self._random = np.zeros(slots, dtype=np.bool_)  # whether its temperature is above 0, so that it samples
        self._wide = np.zeros(slots, dtype=np.bool_)  # whether it also has a large top-k

    @property
    def candidate_counts(self) -> tuple[int, int]:
        """The possible results of `candidates`."""
        return 0, min(_LARGE_TOP_K, self._vocabulary)

    def set(self, slot: int, sampling: SamplingParameters, seed: int) -> None:
        """Set a slot's parameters, with the `seed` of its noise."""
        top_k = min(sampling.top_k, self._vocabulary) or self._vocabulary
        self._temperature[slot] = sampling.temperature
        self._top_k[slot] = top_k
        self._top_p[slot] = sampling.top_p
        self._repetition_penalty[slot] = sampling.repetition_penalty
        self._seed[slot] = seed
        self._random[slot] = sampling.temperature > 0
        self._wide[slot] = sampling.temperature > 0 and top_k > self.candidate_counts[1]

    def copy(self, source: int, target: int) -> None:
        """Copy one slot's parameters to another."""
        for table in (self._temperature, self._top_k, self._top_p, self._repetition_penalty, self._seed):
            table[target] = table[source]
        for flags in (self._random, self._wide):
            flags[target] = flags[source]

    def candidates(self, slots: Sequence[int]) -> int:
        """Return how many of the largest logits a step over `slots` samples from; 0 if all temperatures are 0."""
        return self.candidate_counts[bool(self._random[list(slots)].any())]

    def wide(self, slots: Sequence[int]) -> list[int]:
        """Return those of `slots` that sample from more logits than `candidates`."""
        chosen = np.asarray(slots)
        return [int(slot) for slot in chosen[self._wide[chosen]]]

    def whole_vocabulary(self, slots: Tensor) -> SamplingBatch:
        """Return the parameters of `slots` `[R]` for sampling from all logits."""
        return self.batch(slots, self._vocabulary)

    def batch(self, slots: Tensor, candidates: int) -> SamplingBatch:
        """Return the parameters of `slots` `[R]` for sampling from `candidates` logits."""
        return SamplingBatch(
            temperature=self._temperature[slots],
            top_k=self._top_k[slots],
            top_p=self._top_p[slots],
            repetition_penalty=self._repetition_penalty[slots],
            seed=self._seed[slots],
            greedy=candidates == 0,
            largest_top_k=candidates,
        )
