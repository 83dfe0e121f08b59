"""The attention of a prefill: packed prompts, whose tokens attend to those before them in their slots."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from engine.model.decode_attention import additive_mask
from engine.model.heads import Heads
from engine.model.key_value_cache import KeyValueCache

# Without cuDNN's backend, which takes some hundred milliseconds to plan each new shape; prompts have many shapes.
_ANY_SHAPE = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


@dataclass(frozen=True)
class PackedPrompts:
    """Concatenated prompt chunks: `T` tokens, and the `M` keys that they may attend to. Kernels need no keys."""

    tokens: Tensor  # [T]
    slots: Tensor  # [T]: the slot of each token
    positions: Tensor  # [T]
    last: Tensor  # [P]: the index in `tokens` of the last token of each prompt that ends here
    key_slots: Tensor  # [M]: of each prompt, all positions up to the end of its chunk
    key_positions: Tensor  # [M]

    def visible(self) -> Tensor:
        """Return which keys each token may attend to, `[T, M]`: those of its slot, up to its own position."""
        own = self.slots[:, None] == self.key_slots
        return own & (self.key_positions <= self.positions[:, None])


class PrefillAttention:
    """The attention of all layers of one prefill: all pairs of tokens and keys, masked."""

    def __init__(self, heads: Heads, cache: KeyValueCache, prompts: PackedPrompts) -> None:
        self._heads = heads
        self._cache = cache
        self._prompts = prompts
        self._mask = additive_mask(prompts.visible(), cache.data.dtype)
        self._rotary = heads.rotary(prompts.positions)

    @sdpa_kernel(_ANY_SHAPE)
    def __call__(self, layer: int, qkv: Tensor, norm: Tensor) -> Tensor:
        """Store the keys and values of `layer`, and return what the queries attend to, `[T, …]`.

        See `Heads` for `qkv` and `norm`.
        """
        prompts = self._prompts
        query, keys_values = self._heads(qkv, norm, self._rotary)
        self._cache.write(layer, prompts.slots, prompts.positions, keys_values)
        keys, values = self._cache.gather(layer, prompts.key_slots, prompts.key_positions, query.shape[2])
        queries = query.flatten(1, 2).transpose(0, 1)[None]
        attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=self._mask)
        return attended[0].transpose(0, 1)
