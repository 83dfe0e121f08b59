"""The models with all kernels, run by Triton's interpreter, make the audio that they make without."""

import sys
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch._library.custom_ops import CustomOpDef

from engine.checkpoint.load import load
from engine.kernels import operators
from engine.kernels.operators import FusedOperators
from engine.model.operators import Operators
from engine.request import SamplingParameters
from engine.runtime.execution import EagerExecution, Execution
from engine.runtime.model_runner import Prompt, Row, Runner
from tests.engine.recorded import RecordedExecution


class Interpreted(RecordedExecution):
    """A GPU whose kernels Triton's interpreter runs."""

    def run(self, key: Hashable | None, function: Callable[[], Tensor]) -> Tensor:  # noqa: ARG002 - the protocol's
        return function()


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the operators launch their kernels on a CPU too."""
    for name, operator in list(vars(operators).items()):
        if isinstance(operator, CustomOpDef):
            monkeypatch.setattr(operators, name, sys.modules[f"engine.kernels.{name}"].launch)


def spoken(checkpoint: Path, execution: Execution) -> list[Row]:
    """Draw some tokens of three sentences in slots that are not the first ones; return what was made in two beats."""
    runner = Runner(
        load(checkpoint, dtype=torch.float32, device=torch.device("cpu")),
        slots=5,
        max_prompt=16,
        max_new=16,
        dtype=torch.float32,
        execution=execution,
    )
    temperatures = {1: 0.0, 4: 0.7, 2: 0.7}
    runner.prefill(
        [
            Prompt(slot, [3, 1, *range(1010, 1010 + slot), 2], 0, slot + 3, sampling, slot, 6 - slot, guarded=True)
            for slot, temperature in temperatures.items()
            for sampling in [SamplingParameters(temperature=temperature)]
        ]
    )
    return [row for _ in range(2) for row in runner.beat(list(temperatures), 4).read()]


@pytest.mark.usefixtures("kernels")
def test_kernels_make_the_same_audio(tiny_checkpoint: Path) -> None:
    assert isinstance(Interpreted().operators, FusedOperators)
    fused = spoken(tiny_checkpoint, Interpreted())
    for row, expected in zip(fused, spoken(tiny_checkpoint, EagerExecution()), strict=True):
        assert row[:3] == expected[:3]
        assert row.audio.shape == expected.audio.shape
        assert np.abs(row.audio - expected.audio).max(initial=0) <= 1e-5
    assert type(EagerExecution().operators) is Operators
    assert sum(len(row.audio) for row in fused) > 0
