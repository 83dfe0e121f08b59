"""A linear layer whose weight is packed once for the processor."""

import torch
from torch import Tensor
from torch.nn import functional as F


class Linear:
    """`x @ weight.T + bias`, in the weight's precision.

    On a CPU the weight is stored in oneDNN's packed layout. Otherwise oneDNN packs it in every call, which for up to 64
    rows costs as much as the product. The operators are those that PyTorch's compiler emits for a frozen model.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        """Take a weight `[out_features, in_features]` and a bias `[out_features]`."""
        self.out_features, self.in_features = weight.shape
        self.dtype = weight.dtype
        self._packed = weight.device.type == "cpu" and _packs(weight.dtype)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous()) if self._packed else weight
        self._bias = bias

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return self.out_features * self.in_features + (0 if self._bias is None else self._bias.numel())

    def __call__(self, x: Tensor) -> Tensor:
        """Return `[..., out_features]` for `x` `[..., in_features]` of any precision."""
        x = x.to(self.dtype)
        if self._packed:
            product: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
            return product
        return F.linear(x, self._weight, self._bias)

    def gelu(self, x: Tensor) -> Tensor:
        """Return the GELU of the product; on a CPU in one pass. `x` has the weight's precision."""
        if self._packed:
            product: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "gelu", [], "none")
            return product
        return F.gelu(F.linear(x, self._weight, self._bias))

    def added_to(self, residual: Tensor, x: Tensor) -> Tensor:
        """Return `residual` plus the product; on a CPU in one pass. Both have the weight's precision."""
        if self._packed:
            total: Tensor = torch.ops.mkldnn._linear_pointwise.binary(x, residual, self._weight, self._bias, "add")
            return total
        return residual + F.linear(x, self._weight, self._bias)


def _packs(dtype: torch.dtype) -> bool:
    """Whether oneDNN packs weights of this precision on this processor; for bfloat16 it needs AVX-512."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return dtype != torch.bfloat16 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
