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

    def rows(self, needed: int, limit: int) -> int:
        """Return the batch to run for `needed` rows, where there are `most`."""
        ...

    def span(self, needed: int, limit: int) -> int:
        """Return the positions to attend to for a longest row of `needed`, where there are `most`."""
        ...

    def tokens(self, needed: int) -> int:
        """Return the length to which a batch of prompts with `needed` tokens is padded."""
        ...

    def row_sizes(self, limit: int) -> list[int]:
        """Return the batches worth a warm-up."""
        ...

    def spans(self, limit: int) -> list[int]:
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
    """Calls every function as it is; results are there at once.

    Sizes are rounded up a little: for every size that it has not met, oneDNN generates code anew, which takes a
    millisecond and half a megabyte.
    """

    lag = 0
    prompt_tokens = 128

    def rows(self, needed: int, limit: int) -> int:
        """Return up to 8 rows as they are, up to 16 the next even number, and from there on a multiple of 4."""
        step = 1 if needed <= 8 else 2 if needed <= 16 else 4
        return min(round_up(needed, step), limit)

    def span(self, needed: int, limit: int) -> int:  # noqa: ARG002 - the protocol's
        """Return `needed`: attention generates no code."""
        return needed

    def tokens(self, needed: int) -> int:
        """Return the next multiple of 16, and beyond 128 of 32."""
        return round_up(needed, 16 if needed <= 128 else 32)

    def row_sizes(self, limit: int) -> list[int]:
        """Return the smallest and the largest: what is set up once is set up by these."""
        return [1, limit]

    def spans(self, limit: int) -> list[int]:
        """Return a short one."""
        return [min(64, limit)]

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Return the values as they are."""
        return torch.from_numpy(values)

    def run(self, key: Hashable, function: Callable[[], Tensor]) -> Tensor:  # noqa: ARG002 - the protocol's
        """Call the function."""
        return function()

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Return the result itself."""
        return result.cpu


def round_up(value: int, step: int) -> int:
    """Return the next multiple of `step`."""
    return -(-value // step) * step
