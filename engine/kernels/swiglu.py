"""The gated unit of a transformer layer in one kernel."""

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.nn import functional as F

_BLOCK = 512


@triton.jit
def _swiglu(gate_up_ptr, out_ptr, SIZE: tl.constexpr, BLOCK: tl.constexpr):
    """One program for a block of a row: `silu(gate) * up`, rounded once."""
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < SIZE
    gate = tl.load(gate_up_ptr + row * 2 * SIZE + column, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(gate_up_ptr + row * 2 * SIZE + SIZE + column, mask=inside, other=0.0).to(tl.float32)
    out = gate / (1 + tl.exp(-gate)) * up
    tl.store(out_ptr + row * SIZE + column, out.to(out_ptr.dtype.element_ty), mask=inside)


def launch(gate_up: Tensor) -> Tensor:
    """Run the kernel; see `swiglu`."""
    rows, size = gate_up.shape[0], gate_up.shape[1] // 2
    out = torch.empty(rows, size, dtype=gate_up.dtype, device=gate_up.device)
    _swiglu[(rows, triton.cdiv(size, _BLOCK))](gate_up, out, SIZE=size, BLOCK=_BLOCK)
    return out


@torch.library.custom_op("soprano::swiglu", mutates_args=(), device_types="cpu")
def swiglu(gate_up: Tensor) -> Tensor:
    """Return `silu(gate) * up`, `[R, I]`, of `gate_up` `[R, 2 * I]`, which is contiguous."""
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate) * up


swiglu.register_kernel("cuda")(launch)
