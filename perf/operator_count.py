"""Counts what a GPU would launch for a decode step and for a call of the decoder, on a CPU."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from engine.checkpoint.load import load
from engine.kernels.operators import FusedOperators
from engine.model.operators import Operators
from engine.model.rms_norm import RmsNorm
from engine.request import SamplingParameters
from engine.runtime.cuda_graphs import CudaGraphExecution
from engine.runtime.model_runner import Prompt, Runner
from perf.kernel_measurements import OperatorCount

_ALLOCATIONS = ("aten::empty", "aten::new_empty", "aten::empty_like")


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operators that write memory."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        result = func(*args, **(kwargs or {}))
        if func._schema.name not in _ALLOCATIONS and not (func.is_view and _share_memory(args[0], result)):
            self.count += 1
        return result


def _share_memory(one: Tensor, other: Tensor | list[Tensor]) -> bool:
    """Whether a view is one: `to` and `contiguous` copy if they have to."""
    return not isinstance(other, Tensor) or one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


class CountingExecution(CudaGraphExecution):
    """Counts the operators of each function that it runs, on a CPU."""

    def __init__(self, operators: Operators) -> None:
        self.operators = operators
        self.counts: dict[str, int] = {}

    def upload(self, values: NDArray[np.generic]) -> Tensor:
        """Return the values as a tensor."""
        return torch.from_numpy(values)

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:
        """Call the function, and count under the first item of its key."""
        with _Counting() as counting:
            result = function()
        if isinstance(key, tuple):
            self.counts[key[0]] = counting.count
        return result

    def read_back(self, result: Tensor) -> Callable[[], Tensor]:
        """Return a function that returns the result."""
        return lambda: result


@torch.library.custom_op("perf::rms_norm", mutates_args=())
def _rms_norm(x: Tensor, weight: Tensor | None, epsilon: float) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], weight, epsilon)


def _normed(norm: RmsNorm, x: Tensor, weight: Tensor) -> Tensor:
    """As on a GPU, where `F.rms_norm` is one operator."""
    normed: Tensor = _rms_norm(x, weight if weight.dim() == 1 else None, norm.epsilon)
    return normed if weight.dim() == 1 else normed * weight


def count_operators(checkpoint: Path) -> list[OperatorCount]:
    """Count what the runner launches for prompts, a step that draws at random, and a call of the decoder."""
    without, with_kernels = (_counts(checkpoint, operators) for operators in (Operators(), FusedOperators()))
    return [OperatorCount(call, without[call], with_kernels[call]) for call in without]


def _counts(checkpoint: Path, operators: Operators) -> dict[str, int]:
    execution = CountingExecution(operators)
    dtype = torch.bfloat16
    # oneDNN's packed products have activations and sums in them.
    with patch.object(RmsNorm, "__call__", _normed), patch("engine.model.linear._packs", lambda _: False):
        runner = Runner(
            load(checkpoint, dtype=dtype, device=torch.device("cpu")),
            slots=2,
            max_prompt=16,
            max_new=64,
            dtype=dtype,
            execution=execution,
            quantise=True,
        )
        sampling = SamplingParameters(temperature=0.7)
        with _Counting() as prompts:
            runner.prefill([Prompt(0, range(8), 0, 8, sampling, seed=0, limit=64, guarded=True)])
        execution.counts["prompts"] = prompts.count
        runner.beat([0], 4).read()
    return execution.counts
