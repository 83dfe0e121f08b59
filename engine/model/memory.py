"""Large buffers."""

import math

import numpy as np
import torch
from torch import Tensor


def zeros(shape: tuple[int, ...], *, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return zeros that take memory on a CPU only where they are written to.

    NumPy leaves it to the system to hand out zeroed pages as they are touched, PyTorch writes every one. Most slots
    never come near the longest sentence, so that most of their pages are never touched.
    """
    if device.type != "cpu":
        return torch.zeros(shape, dtype=dtype, device=device)
    raw = np.zeros(math.prod(shape) * dtype.itemsize, dtype=np.uint8)
    return torch.from_numpy(raw).view(dtype).view(shape)
