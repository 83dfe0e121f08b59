"""Residual addition and RMSNorm in one kernel."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.model.rms_norm import RmsNorm


@triton.jit
def _add_norm(x_ptr, delta_ptr, weight_ptr, normed_ptr, epsilon, SIZE: tl.constexpr, BLOCK: tl.constexpr):
    """One program a row: `x += delta` in float32, then `normed = x / sqrt(mean(x²) + epsilon) * weight`."""
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, BLOCK)
    inside = column < SIZE
    at = row * SIZE + column
    x = tl.load(x_ptr + at, mask=inside, other=0.0) + tl.load(delta_ptr + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(x_ptr + at, x, mask=inside)
    scale = tl.rsqrt(tl.sum(x * x, axis=0) / SIZE + epsilon)
    normed = x * scale * tl.load(weight_ptr + column, mask=inside, other=0.0)
    tl.store(normed_ptr + at, normed.to(normed_ptr.dtype.element_ty), mask=inside)


def launch(x: Tensor, delta: Tensor, weight: Tensor, epsilon: float, dtype: torch.dtype) -> Tensor:
    """Run the kernel; see `add_norm`."""
    rows, size = x.shape
    normed = torch.empty(rows, size, dtype=dtype, device=x.device)
    _add_norm[(rows,)](x, delta, weight, normed, epsilon, SIZE=size, BLOCK=triton.next_power_of_2(size))
    return normed


@torch.library.custom_op("soprano::add_norm", mutates_args={"x"}, device_types="cpu")
def add_norm(x: Tensor, delta: Tensor, weight: Tensor, epsilon: float, dtype: torch.dtype) -> Tensor:
    """Add `delta` `[R, H]` to `x` `[R, H]` in place, and return the RMSNorm of the sum, `[R, H]` in `dtype`.

    `x` and `weight` `[H]` are in float32, `delta` is in any precision; all are contiguous.
    """
    x.add_(delta)
    return RmsNorm(epsilon, x.device)(x, weight).to(dtype)


add_norm.register_kernel("cuda")(launch)
