"""The attention of a decode step: each row has one token, which attends to those before it in its slot."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.heads import Heads
from engine.model.key_value_cache import KeyValueCache


@dataclass(frozen=True)
class DecodeRows:
    """The rows of a decode step."""

    slots: Tensor  # [R]
    positions: Tensor  # [R]
    span: int
    """More than the largest position. Kernels need neither this nor `within`."""
    within: int = 0
    """The slots are the first ones in their order if it is 0, or else some of the first `within`."""


class DecodeAttention:
    """The attention of all layers of one step, over `span` positions of all rows."""

    def __init__(self, heads: Heads, cache: KeyValueCache, rows: DecodeRows) -> None:
        self._heads = heads
        self._cache = cache
        self._rows = rows
        visible = torch.arange(rows.span, device=rows.positions.device) <= rows.positions[:, None]
        if rows.within:  # the queries are spread over all slots, so that no key is copied
            visible = visible.new_ones(rows.within, rows.span).index_put((rows.slots,), visible)
        self._mask = additive_mask(visible, cache.data.dtype)
        self._rotary = heads.rotary(rows.positions)

    def __call__(self, layer: int, qkv: Tensor, norm: Tensor) -> Tensor:
        """Store the keys and values of `layer`, and return what the queries attend to, `[R, …]`.

        See `Heads` for `qkv` and `norm`.
        """
        rows = self._rows
        query, keys_values = self._heads(qkv, norm, self._rotary)
        self._cache.write(layer, rows.slots, rows.positions, keys_values)
        keys, values = self._cache.first(layer, len(self._mask), rows.span)
        if rows.within:
            query = query.new_zeros(rows.within, *query.shape[1:]).index_put((rows.slots,), query)
        # The query heads of a group are passed as query positions of their key head, so that no key is repeated.
        attended = F.scaled_dot_product_attention(query, keys, values, attn_mask=self._mask[:, None, None])
        return attended[rows.slots] if rows.within else attended


def additive_mask(visible: Tensor, dtype: torch.dtype) -> Tensor:
    """Return an attention mask: 0 for `visible` keys, minus infinity for the others."""
    return torch.zeros(visible.shape, dtype=dtype, device=visible.device).masked_fill_(~visible, -torch.inf)
