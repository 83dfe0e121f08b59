"""Allocation of large buffers."""

import math

import numpy as np
import torch
from torch import Tensor


def zeros(shape: tuple[int, ...], *, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return zeros; on a CPU, pages take memory only after they are written.

    NumPy lets the system allocate zeroed pages on first use; PyTorch writes all of them. Most sentences are much
    shorter than the limit, so most pages of their slots are never used.
    """
    if device.type != "cpu":
        return torch.zeros(shape, dtype=dtype, device=device)
    raw = np.zeros(math.prod(shape) * dtype.itemsize, dtype=np.uint8)
    return torch.from_numpy(raw).view(dtype).view(shape)
