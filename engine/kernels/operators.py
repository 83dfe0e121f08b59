"""The operators of the models as kernels."""

import torch
from torch import Tensor

from engine.kernels.add_norm import add_norm
from engine.kernels.swiglu import swiglu
from engine.model.operators import Operators
from engine.model.rms_norm import RmsNorm


class FusedOperators(Operators):
    """One kernel for each on a GPU; on a CPU, what the kernels stand for."""

    def add_norm(
        self, x: Tensor, delta: Tensor, norm: RmsNorm, weight: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        """See `Operators`; the sum is in `x`."""
        return x, add_norm(x, delta, weight, norm.epsilon, dtype)

    def swiglu(self, gate_up: Tensor) -> Tensor:
        """See `Operators`."""
        gated: Tensor = swiglu(gate_up)
        return gated
