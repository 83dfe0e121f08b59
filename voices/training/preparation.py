"""Prepares the data of training steps on the host in advance, so that a GPU does not wait for it."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

Prepared = TypeVar("Prepared")


def prepared(prepare: Callable[[int], Prepared], seed: int, steps: range, processes: int = 0) -> Iterator[Prepared]:
    """Yield `prepare(step)` for each of `steps`, computed in `processes` other processes, or in this one if that is 0.

    `prepare` may use torch's random generator, which is seeded for each step. The results do not depend on the number
    of processes or on the first step.
    """
    loader = DataLoader(
        _Steps(prepare, seed),
        batch_size=None,
        sampler=steps,
        num_workers=processes,
        multiprocessing_context="fork" if processes else None,  # a forked process shares the data that `prepare` holds
    )
    yield from loader


class _Steps(Dataset[Prepared], Generic[Prepared]):
    def __init__(self, prepare: Callable[[int], Prepared], seed: int) -> None:
        self._prepare = prepare
        self._seed = seed

    def __getitem__(self, step: int) -> Prepared:
        torch.manual_seed(self._seed * 1_000_003 + step)
        return self._prepare(step)
