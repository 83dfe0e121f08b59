"""RMSNorm (Zhang and Sennrich 2019), with few passes over the data."""

import torch
from torch import Tensor
from torch.nn import functional as F


class RmsNorm:
    """`x / sqrt(mean(x²) + epsilon) * weight`, over the last dimension, on one device."""

    def __init__(self, epsilon: float, device: torch.device) -> None:
        self.epsilon = epsilon
        self._epsilon_on_device = torch.tensor(epsilon, device=device)

    def __call__(self, x: Tensor, weight: Tensor) -> Tensor:
        """Return `x` `[..., D]` normalised; `weight` is `[D]` or has more of the trailing dimensions of `x`."""
        if not x.is_cuda:
            return self._in_one_pass(x) * weight
        if weight.dim() == 1:
            return F.rms_norm(x, x.shape[-1:], weight, self.epsilon)
        return F.rms_norm(x, x.shape[-1:], eps=self.epsilon) * weight

    def _in_one_pass(self, x: Tensor) -> Tensor:
        """Use a vector norm, which is one pass on a CPU; `F.rms_norm` is ten operators there, and one on a GPU."""
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        return x * torch.addcmul(self._epsilon_on_device, norm, norm, value=1 / x.shape[-1]).rsqrt_()
