"""The keys and values of all slots."""

import torch
from torch import Tensor

from engine.model.config import LanguageModelConfig
from engine.model.memory import zeros


class KeyValueCache:
    """A dense tensor `[layers, slots, positions, 2, kv_heads, D]` with keys beside values.

    A position takes 8.7 KB in bfloat16, so paging would cost more than it saves. Decode reads the first slots in place,
    without a copy.
    """

    def __init__(
        self, config: LanguageModelConfig, slots: int, positions: int, *, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (config.num_hidden_layers, slots, positions, 2, config.num_key_value_heads, config.head_dim)
        self.data = zeros(shape, dtype=dtype, device=device)

    def write(self, layer: int, slots: Tensor, positions: Tensor, keys_values: Tensor) -> None:
        """Store `keys_values` `[T, 2, kv_heads, D]` at `positions` `[T]` of `slots` `[T]`."""
        self.data[layer].index_put_((slots, positions), keys_values)

    def first(self, layer: int, slots: int, span: int) -> tuple[Tensor, Tensor]:
        """Return views of the keys and values `[slots, kv_heads, span, D]` of the first slots and positions."""
        keys, values = self.data[layer, :slots, :span].transpose(1, 3).unbind(dim=2)
        return keys, values

    def gather(self, layer: int, slots: Tensor, positions: Tensor, groups: int) -> tuple[Tensor, Tensor]:
        """Return the keys and values `[1, heads, M, D]` at `positions` `[M]` of `slots` `[M]`.

        Each key head is repeated for the `groups` query heads that share it; with one key head this needs no copy.
        """
        rows = self.data[layer][slots, positions].permute(1, 2, 0, 3)[:, :, None]
        keys, values = rows.expand(-1, -1, groups, -1, -1).flatten(1, 2).unbind(dim=0)
        return keys[None], values[None]
