"""The heads of attention: queries, keys and values, normed and rotated to their positions."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.config import LanguageModelConfig
from engine.model.rms_norm import RmsNorm


@dataclass(frozen=True)
class Heads:
    """What all layers share."""

    query_heads: int
    kv_heads: int
    dim: int
    norm: RmsNorm
    cosine: Tensor  # [positions, D]
    sine: Tensor  # [positions, D], signed

    @classmethod
    def of(cls, config: LanguageModelConfig, norm: RmsNorm, positions: int, device: torch.device) -> "Heads":
        """Return those of a model, for sequences of up to `positions` tokens."""
        tables = rotary_tables(config.head_dim, config.rope_theta, positions, device)
        return cls(config.num_attention_heads, config.num_key_value_heads, config.head_dim, norm, *tables)

    def rotary(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cosines and sines `[T, 1, D]` of `positions` `[T]`."""
        return self.cosine[positions][:, None], self.sine[positions][:, None]

    def __call__(self, qkv: Tensor, norm: Tensor, rotary: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Return queries `[T, kv_heads, groups, D]`, and keys beside values `[T, 2, kv_heads, D]`.

        `qkv` `[T, (heads + 2 * kv_heads) * D]` is what a layer projects, and is changed; `norm` `[heads + kv_heads, D]`
        is the weight of the layer's norm.
        """
        count = len(qkv)
        heads = qkv.view(count, -1, self.dim)
        query_key = heads[:, : self.query_heads + self.kv_heads]
        query_key.copy_(rotate(self.norm(query_key.float(), norm), *rotary))
        query, keys_values = torch.split(heads, [self.query_heads, 2 * self.kv_heads], dim=1)
        return query.view(count, self.kv_heads, -1, self.dim), keys_values.view(count, 2, self.kv_heads, self.dim)


def rotary_tables(dim: int, theta: float, positions: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return `[positions, D]` cosines and signed sines of the half-split rotary embedding (RoFormer, Su et al. 2021).

    The sines of the first half are negative, as the rotation requires.
    """
    exponents = torch.arange(0, dim, 2, device=device, dtype=torch.float32) / dim
    frequencies = 1.0 / theta**exponents
    angles = torch.arange(positions, device=device, dtype=torch.float32)[:, None] * frequencies
    cosine, sine = angles.cos(), angles.sin()
    return torch.cat((cosine, cosine), dim=-1), torch.cat((-sine, sine), dim=-1)


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Apply the rotary embedding to `x` `[T, heads, D]`; the tables are `[T, 1, D]`, the sines signed."""
    return torch.addcmul(x * cosine, x.roll(x.shape[-1] // 2, dims=-1), sine)
