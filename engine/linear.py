"""A weight matrix, laid out once for the processor that multiplies with it."""

import torch
from torch import Tensor
from torch.nn import functional as F


class Linear:
    """`x @ weight.T + bias`, in the weight's precision.

    On a CPU a weight can be stored as oneDNN wants it: handed a plain one, oneDNN packs it anew in every call, which at
    up to 64 rows costs as much as the product. The operators are those that PyTorch's own compiler emits for a frozen
    model. A plain float32 product gives a row the same bits whatever rows are beside it; a packed one does not.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None, *, packed: bool = False) -> None:
        """Take a weight `[out_features, in_features]` and a bias `[out_features]`.

        `packed` asks for oneDNN's layout, where there is oneDNN. bfloat16 is always packed there.
        """
        self.out_features, self.in_features = weight.shape
        self.dtype = weight.dtype
        self.device = weight.device
        one_dnn = weight.device.type == "cpu" and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        self._packed = one_dnn and (packed or weight.dtype == torch.bfloat16)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous()) if self._packed else weight
        self._bias = bias

    @property
    def parameters(self) -> int:
        """How many numbers it holds."""
        return self.out_features * self.in_features + (0 if self._bias is None else self._bias.numel())

    def __call__(self, x: Tensor) -> Tensor:
        """Return `[..., out_features]` for `x` `[..., in_features]` of any precision."""
        x = x.to(self.dtype)
        if self._packed:
            product: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
            return product
        return F.linear(x, self._weight, self._bias)
