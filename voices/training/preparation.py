"""What the steps of a course need, prepared on the host ahead of them, so that a GPU does not wait for it."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

Prepared = TypeVar("Prepared")


def prepared(prepare: Callable[[int], Prepared], seed: int, steps: range, processes: int = 0) -> Iterator[Prepared]:
    """Yield `prepare(step)` for each of `steps`, by as many other processes; by this one if there are none.

    It may draw from torch's generator, which is seeded for each step: the results are the same in any number of
    processes, and from whichever step on.
    """
    loader = DataLoader(
        _Steps(prepare, seed),
        batch_size=None,
        sampler=steps,
        num_workers=processes,
        multiprocessing_context="fork" if processes else None,  # what `prepare` holds need not be sent
    )
    yield from loader


class _Steps(Dataset[Prepared], Generic[Prepared]):
    def __init__(self, prepare: Callable[[int], Prepared], seed: int) -> None:
        self._prepare = prepare
        self._seed = seed

    def __getitem__(self, step: int) -> Prepared:
        torch.manual_seed(self._seed * 1_000_003 + step)
        return self._prepare(step)
