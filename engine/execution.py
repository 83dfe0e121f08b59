"""How the functions of a step are run on a device."""

from collections.abc import Callable, Hashable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Execution(Protocol):
    """Runs functions whose shapes are fixed by a key, and brings their results to the host.

    Such a function reads and writes tensors that live as long as the runner, and nothing in it depends on their
    values: only then is a replay of its kernels the same as another call.
    """

    lag: int
    """Steps by which results may be read late, so that the device never waits for the host."""

    prompt_tokens: int
    """Tokens of prompts that are best read in one go: attention looks at all of them, masked."""

    def rows(self, needed: int, most: int) -> int:
        """Return the batch to run for `needed` rows, where there are `most`."""
        ...

    def span(self, needed: int, most: int) -> int:
        """Return the positions to attend to for a longest row of `needed`, where there are `most`."""
        ...

    def row_sizes(self, most: int) -> list[int]:
        """Return the batches worth a warm-up."""
        ...

    def spans(self, most: int) -> list[int]:
        """Return the spans worth a warm-up."""
        ...

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Bring values to the device, without waiting for what it is doing."""
        ...

    def run(self, key: Hashable, function: Callable[[], Tensor]) -> Tensor:
        """Return the function's result; `key` names it together with all its shapes."""
        ...

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Start copying a result of `run` to the host; the function returned waits for it."""
        ...


class EagerExecution:
    """Calls every function as it is, at its exact size; results are there at once."""

    lag = 0
    prompt_tokens = 128

    def rows(self, needed: int, most: int) -> int:  # noqa: ARG002 - the protocol's
        """Return `needed`."""
        return needed

    def span(self, needed: int, most: int) -> int:  # noqa: ARG002 - the protocol's
        """Return `needed`."""
        return needed

    def row_sizes(self, most: int) -> list[int]:
        """Return the smallest and the largest: what is set up once is set up by these."""
        return [1, most]

    def spans(self, most: int) -> list[int]:
        """Return a short one."""
        return [min(64, most)]

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Return the values as they are."""
        return torch.from_numpy(values)

    def run(self, key: Hashable, function: Callable[[], Tensor]) -> Tensor:  # noqa: ARG002 - the protocol's
        """Call the function."""
        return function()

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Return the result itself."""
        return result.cpu
