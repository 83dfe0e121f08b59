"""How the functions of a step run on a device."""

from collections.abc import Callable, Hashable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.operators import Operators


class Execution(Protocol):
    """Runs functions whose shapes are fixed by a key, and copies their results to the host.

    Such a function reads and writes tensors that live as long as the runner, and its control flow does not depend on
    their values. So a replay of its kernels is equivalent to a call.
    """

    operators: Operators
    """The operators that the models use."""

    lag: int
    """The number of beats by which results may be read late, so that the device never waits for the host."""

    prompt_tokens: int
    """The best number of prompt tokens in one prefill batch: attention computes all pairs of them, masked."""

    prefill_tokens: int
    """Prompt tokens to read before a beat, if no stream is short of audio."""

    beats: tuple[int, ...]
    """The numbers of steps in a beat, ascending."""

    states_at_once: int
    """The limit of states in one decoder call: more are not faster, and their audio takes more memory."""

    first_slots: bool
    """Whether a step over the first slots, idle ones among them, is cheaper than one over a list of as many slots."""

    def rows(self, needed: int, limit: int) -> int:
        """Return the batch size for `needed` rows, at most `limit`."""
        ...

    def span(self, needed: int, limit: int) -> int:
        """Return the positions to attend to if the longest row has `needed`, at most `limit`."""
        ...

    def tokens(self, needed: int) -> int:
        """Return the padded length of a prefill batch with `needed` tokens."""
        ...

    def row_sizes(self, limit: int) -> list[int]:
        """Return the batch sizes to warm up."""
        ...

    def token_sizes(self) -> list[int]:
        """Return the padded lengths of prefill batches to warm up."""
        ...

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Copy values to the device, without waiting for its current work."""
        ...

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:
        """Return the function's result; `key` identifies the function and all its shapes, None one that is rare."""
        ...

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Start to copy a result of `run` to the host; the returned function waits for the copy."""
        ...


class EagerExecution:
    """Calls each function directly; results are available at once.

    Sizes are rounded up, because oneDNN generates code for each new size, which takes 1 ms and half a megabyte.
    """

    lag = 0
    prompt_tokens = 128
    prefill_tokens = 512
    beats: tuple[int, ...] = (1, 2, 4, 8, 16)
    states_at_once = 512
    first_slots = True

    def __init__(self) -> None:
        self.operators = Operators()

    def rows(self, needed: int, limit: int) -> int:
        """Return `needed` up to 8, the next even number up to 16, and above that the next multiple of 4."""
        step = 1 if needed <= 8 else 2 if needed <= 16 else 4
        return min(round_up(needed, step), limit)

    def span(self, needed: int, limit: int) -> int:  # noqa: ARG002 - the protocol's
        """Return `needed`: oneDNN generates no code for attention."""
        return needed

    def tokens(self, needed: int) -> int:
        """Return the next multiple of 16 up to 128, and above that the next multiple of 32."""
        return round_up(needed, 16 if needed <= 128 else 32)

    def row_sizes(self, limit: int) -> list[int]:
        """Return the smallest and the largest size, which together initialise everything."""
        return [1, limit]

    def token_sizes(self) -> list[int]:
        """Return the smallest, which initialises everything."""
        return [16]

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Return the values as a tensor, without a copy."""
        return torch.from_numpy(values)

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:  # noqa: ARG002 - the protocol's
        """Call the function."""
        return function()

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Return a function that returns the result."""
        return result.cpu


def round_up(value: int, step: int) -> int:
    """Return the next multiple of `step`."""
    return -(-value // step) * step
