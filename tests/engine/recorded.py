"""CUDA graph semantics on a CPU: operators are recorded, replayed on the same memory, and read one step late."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.kernels.operators import FusedOperators
from engine.runtime.cuda_graphs import CudaGraphExecution

WAITS_FOR_THE_DEVICE = ("_local_scalar_dense", "nonzero", "lift_fresh", "masked_select")


class Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records all operators that run, with their inputs and outputs."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._calls: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if any(name in str(func) for name in WAITS_FOR_THE_DEVICE):
            raise AssertionError(f"{func} cannot be captured: it waits for the device, or copies from the host")
        result = func(*args, **(kwargs or {}))
        self._calls.append((func, args, kwargs or {}, result))
        return result

    def replay(self) -> None:
        """Run the recorded operators on the same memory."""
        for func, args, kwargs, result in self._calls:
            again = func(*args, **kwargs)
            for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class RecordedExecution(CudaGraphExecution):
    """A stand-in for CUDA graphs without a GPU: the same buckets, the same lag, the same restrictions."""

    prompt_tokens = 256  # the larger ones would take long

    def __init__(self) -> None:
        self.operators = FusedOperators()
        self._recordings: dict[Hashable, tuple[Recording, Tensor]] = {}
        self.replays = 0
        self.warm = False

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values)

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:
        if key is None:
            return function()
        if key not in self._recordings:
            assert not self.warm, f"{key} was not warmed up"
            for _ in range(2):
                function()
            with Recording() as recording:
                result = function()
            self._recordings[key] = recording, result
        recording, result = self._recordings[key]
        recording.replay()
        self.replays += 1
        return result.clone()

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        return lambda: result
