"""Qwen3 as mathematics: tokens in, final hidden states and logits out, over a cache of slots.

One function serves prefill and decode. A row is one sequence; its new tokens attend to everything its slot
holds up to their own position, so decode is a prefill of one token.
Reference: "Qwen3 Technical Report" (2025) and the `Qwen3ForCausalLM` layout of Hugging Face's safetensors.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model_config import LanguageModelConfig


@dataclass(frozen=True)
class LayerWeights:
    """One transformer layer; projections that read the same input are merged."""

    input_norm: Tensor  # [H]
    qkv: Tensor  # [(heads + 2 * kv_heads) * D, H]
    query_norm: Tensor  # [D]
    key_norm: Tensor  # [D]
    output: Tensor  # [H, heads * D]
    post_norm: Tensor  # [H]
    gate_up: Tensor  # [2 * I, H]
    down: Tensor  # [H, I]


@dataclass(frozen=True)
class LanguageModelWeights:
    """All weights of the language model: the norms' in float32, all others in one dtype."""

    embedding: Tensor  # [V, H]
    layers: tuple[LayerWeights, ...]
    norm: Tensor  # [H]
    head: Tensor  # [V, H]


class KeyValueCache:
    """Keys and values of every slot, `[layers, 2, slots, positions, kv_heads, D]`.

    Dense: a position costs 8.7 KB in bf16, so that paging would save less than it costs.
    """

    def __init__(
        self, config: LanguageModelConfig, slots: int, positions: int, *, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (config.num_hidden_layers, 2, slots, positions, config.num_key_value_heads, config.head_dim)
        self.data = torch.zeros(shape, dtype=dtype, device=device)
        self.positions = positions

    def write(self, layer: int, slots: Tensor, positions: Tensor, keys: Tensor, values: Tensor) -> None:
        """Store `keys` and `values` `[R, L, kv_heads, D]` at `positions` `[R, L]` of `slots` `[R]`."""
        self.data[layer, 0].index_put_((slots[:, None], positions), keys)
        self.data[layer, 1].index_put_((slots[:, None], positions), values)

    def read(self, layer: int, slots: Tensor, span: int) -> tuple[Tensor, Tensor]:
        """Return keys and values `[R, kv_heads, span, D]` of the first `span` positions."""
        rows = self.data[layer][:, slots, :span].transpose(2, 3)
        return rows[0], rows[1]


class LanguageModel:
    """The forward pass, without state of its own beyond the rotary tables."""

    def __init__(self, config: LanguageModelConfig, weights: LanguageModelWeights, positions: int) -> None:
        self.config = config
        self.weights = weights
        self.cosine, self.sine = rotary_tables(config, positions, weights.embedding.device)

    def forward(self, tokens: Tensor, cache: KeyValueCache, slots: Tensor, positions: Tensor, span: int) -> Tensor:
        """Return the final, normalised hidden states `[R, L, H]` of `tokens` `[R, L]`, in float32.

        Between the projections everything is float32, whatever they are: it costs little, and each value is rounded
        once, on its way into a projection.

        `positions` `[R, L]` places each token in its slot; `span` is one more than the largest of them.
        Rows may be padded on the right: what padding writes lies behind the row's last token, and is overwritten
        before anything attends to it.
        """
        mask = attention_mask(positions, span, self.config.query_groups)
        rotary = self.cosine[positions][:, :, None], self.sine[positions][:, :, None]  # [R, L, 1, D]
        x = self.weights.embedding[tokens].float()
        for index, layer in enumerate(self.weights.layers):
            x = x + self._attention(index, layer, x, cache, slots, positions, rotary, mask)
            x = x + self._feed_forward(layer, x)
        return self._norm(x, self.weights.norm)

    def logits(self, hidden: Tensor) -> Tensor:
        """Return the logits `[..., V]` of final hidden states `[..., H]`, in float32."""
        return _project(hidden, self.weights.head).float()

    def _attention(
        self,
        index: int,
        layer: LayerWeights,
        x: Tensor,
        cache: KeyValueCache,
        slots: Tensor,
        positions: Tensor,
        rotary: tuple[Tensor, Tensor],
        mask: Tensor,
    ) -> Tensor:
        config = self.config
        rows, length, _ = x.shape
        heads, kv_heads, dim = config.num_attention_heads, config.num_key_value_heads, config.head_dim
        qkv = _project(self._norm(x, layer.input_norm), layer.qkv).view(rows, length, heads + 2 * kv_heads, dim)
        query, key, value = torch.split(qkv, [heads, kv_heads, kv_heads], dim=2)
        query = rotate(self._norm(query, layer.query_norm), *rotary)
        key = rotate(self._norm(key, layer.key_norm), *rotary)
        cache.write(index, slots, positions, key.to(value.dtype), value)
        keys, values = cache.read(index, slots, mask.shape[-1])
        # The query heads of a group become further positions over their one key head: nothing is repeated.
        grouped = query.view(rows, length, kv_heads, -1, dim).permute(0, 2, 3, 1, 4).reshape(rows, kv_heads, -1, dim)
        attended = F.scaled_dot_product_attention(grouped.to(value.dtype), keys, values, attn_mask=mask)
        merged = attended.view(rows, kv_heads, -1, length, dim).permute(0, 3, 1, 2, 4).reshape(rows, length, -1)
        return _project(merged, layer.output)

    def _feed_forward(self, layer: LayerWeights, x: Tensor) -> Tensor:
        gate, up = _project(self._norm(x, layer.post_norm), layer.gate_up).float().chunk(2, dim=-1)
        return _project(F.silu(gate) * up, layer.down)

    def _norm(self, x: Tensor, weight: Tensor) -> Tensor:
        """RMSNorm (Zhang and Sennrich 2019), in float32."""
        return F.rms_norm(x.float(), weight.shape, weight, self.config.rms_norm_eps)


def _project(x: Tensor, weight: Tensor) -> Tensor:
    """Multiply in the weight's precision."""
    return F.linear(x.to(weight.dtype), weight)


def attention_mask(positions: Tensor, span: int, groups: int) -> Tensor:
    """Return which of `span` keys each query may see: `[R, 1, groups * L, span]`, for positions `[R, L]`."""
    visible = torch.arange(span, device=positions.device) <= positions[:, :, None]
    return visible[:, None].repeat(1, 1, groups, 1)


def rotary_tables(config: LanguageModelConfig, positions: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosines and sines `[positions, D]` of the half-split rotary embedding (RoFormer, Su et al. 2021)."""
    exponents = torch.arange(0, config.head_dim, 2, device=device, dtype=torch.float32) / config.head_dim
    frequencies = 1.0 / config.rope_theta**exponents
    angles = torch.arange(positions, device=device, dtype=torch.float32)[:, None] * frequencies
    both_halves = torch.cat((angles, angles), dim=-1)
    return both_halves.cos(), both_halves.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Apply the rotary embedding to `x` `[R, L, heads, D]`; the tables are `[R, L, 1, D]`."""
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat((-second, first), dim=-1) * sine
