"""Sampling parameters of all slots on the device; those that determine a step's shapes are also on the host."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.sampler import SamplingBatch
from engine.request import SamplingParameters

_LARGE_TOP_K = 64
"""Up to this top-k, a step samples from the 64 largest logits; above it, from all logits."""


class SamplingTable:
    """Written when a sentence starts, read in every step."""

    def __init__(self, slots: int, vocabulary: int, device: torch.device) -> None:
        self._vocabulary = vocabulary
        self._numbers = torch.ones(3, slots, device=device)
        self._numbers[0] = 0.0  # the temperatures
        self._integers = torch.ones(2, slots, dtype=torch.int64, device=device)
        self._candidates = np.zeros(slots, dtype=np.int64)  # logits that each slot samples from

    @property
    def columns(self) -> tuple[Tensor, Tensor]:
        """Temperature, top-p and repetition penalty, `[3, slots]`; top-k and seed, `[2, slots]`."""
        return self._numbers, self._integers

    @property
    def candidate_counts(self) -> tuple[int, int]:
        """The usual results of `candidates`."""
        return 0, min(_LARGE_TOP_K, self._vocabulary)

    def numbers(self, sampling: Sequence[SamplingParameters]) -> NDArray[np.float32]:
        """Return the columns `[3, N]` for `set`."""
        columns = [(each.temperature, each.top_p, each.repetition_penalty) for each in sampling]
        return np.array(columns, dtype=np.float32).T

    def integers(self, sampling: Sequence[SamplingParameters], seeds: Sequence[int]) -> NDArray[np.int64]:
        """Return the columns `[2, N]` for `set`; `seeds` are those of the noise."""
        return np.array([[self._effective_top_k(each) for each in sampling], list(seeds)], dtype=np.int64)

    def set(
        self,
        slots: Sequence[int],
        index: Tensor,
        sampling: Sequence[SamplingParameters],
        numbers: Tensor,
        integers: Tensor,
    ) -> None:
        """Set the parameters of `slots`, which are also on the device as `index`, with their columns."""
        self._numbers[:, index] = numbers
        self._integers[:, index] = integers
        self._candidates[list(slots)] = [self._candidates_of(each) for each in sampling]

    def candidates(self, slots: NDArray[np.int64]) -> int:
        """Return how many of the largest logits a step over `slots` samples from; 0 if all temperatures are 0."""
        return int(self._candidates[slots].max())

    def batch(self, rows: slice | Tensor, candidates: int) -> SamplingBatch:
        """Return the parameters of the slots in `rows` for sampling from `candidates` logits."""
        return sampling_batch(*self.columns, rows, candidates)

    def _effective_top_k(self, sampling: SamplingParameters) -> int:
        return min(sampling.top_k, self._vocabulary) or self._vocabulary

    def _candidates_of(self, sampling: SamplingParameters) -> int:
        if sampling.temperature == 0:
            return 0
        usual = self.candidate_counts[1]
        return usual if self._effective_top_k(sampling) <= usual else self._vocabulary


def sampling_batch(numbers: Tensor, integers: Tensor, rows: slice | Tensor, candidates: int) -> SamplingBatch:
    """Return the parameters in some rows of a table's columns, for sampling from `candidates` logits."""
    temperature, top_p, repetition_penalty = numbers
    top_k, seed = integers
    return SamplingBatch(
        temperature=temperature[rows],
        top_k=top_k[rows],
        top_p=top_p[rows],
        repetition_penalty=repetition_penalty[rows],
        seed=seed[rows],
        greedy=candidates == 0,
        largest_top_k=candidates,
    )
