"""The operators of the models as kernels."""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.kernels.add_norm import add_norm
from engine.kernels.attention import attention
from engine.kernels.convnext_front import convnext_front
from engine.kernels.draw import draw
from engine.kernels.overlap_add import overlap_add
from engine.kernels.swiglu import swiglu
from engine.model.decode_attention import DecodeRows
from engine.model.decoder_weights import ConvNeXtWeights
from engine.model.drawing import Drawing, StepRows
from engine.model.frames import Frames
from engine.model.heads import Heads
from engine.model.key_value_cache import KeyValueCache
from engine.model.operators import Operators
from engine.model.overlap import Overlap
from engine.model.prefill_attention import PackedPrompts
from engine.model.rms_norm import RmsNorm


class FusedOperators(Operators):
    """One kernel for each on a GPU; on a CPU, what the kernels stand for."""

    draws_alike = True
    captures_prompts = True

    def add_norm(
        self, x: Tensor, delta: Tensor, norm: RmsNorm, weight: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        """See `Operators`; the sum is in `x`."""
        return x, add_norm(x, delta, weight, norm.epsilon, dtype)

    def swiglu(self, gate_up: Tensor) -> Tensor:
        """See `Operators`."""
        gated: Tensor = swiglu(gate_up)
        return gated

    def prefill_attention(
        self, heads: Heads, cache: KeyValueCache, prompts: PackedPrompts
    ) -> Callable[[int, Tensor, Tensor], Tensor]:
        """See `Operators`; each token reads the cache up to its own position."""
        return _attention(heads, cache, prompts.slots, prompts.positions, distinct=False)

    def decode_attention(
        self, heads: Heads, cache: KeyValueCache, rows: DecodeRows
    ) -> Callable[[int, Tensor, Tensor], Tensor]:
        """See `Operators`; each row attends over its own length."""
        return _attention(heads, cache, rows.slots, rows.positions, distinct=True)

    def convnext_front(
        self, block: ConvNeXtWeights, context: Tensor, slots: Tensor, x: Tensor, frames: Frames, delay: int
    ) -> tuple[Tensor, Tensor]:
        """See `Operators`."""
        weights = (block.depthwise, block.depthwise_bias, *block.norm)
        normed, residual = convnext_front(x, context, slots, frames.first, frames.end, *weights, delay)
        return normed, residual

    def overlap_add(
        self, overlap: Overlap, slots: Tensor, waves: Tensor, frames: Frames, delay: int, quantise: bool
    ) -> Tensor:
        """See `Operators`."""
        samples: Tensor = overlap_add(
            *(waves, overlap.window, overlap.tail, slots, frames.first, frames.end), delay, quantise
        )
        return samples

    def draw(self, drawing: Drawing, rows: StepRows, logits: Tensor, candidates: int) -> tuple[Tensor, Tensor]:  # noqa: ARG002 - as `draws_alike`
        """See `Operators`; the rows are a list, all of which take part."""
        table = drawing.sentences
        state = (table.columns, table.hidden, table.previous, drawing.seen, *drawing.sampling.columns)
        tokens, goes_on = draw(logits, rows.slots, *state, drawing.end_token)
        return tokens, goes_on


def _attention(
    heads: Heads, cache: KeyValueCache, slots: Tensor, positions: Tensor, *, distinct: bool
) -> Callable[[int, Tensor, Tensor], Tensor]:
    def attend(layer: int, qkv: Tensor, norm: Tensor) -> Tensor:
        shared = (heads.cosine, heads.sine, slots, positions)
        attended: Tensor = attention(qkv, norm, *shared, cache.data[layer], heads.norm.epsilon, distinct)
        return attended

    return attend
