"""The operators of the models as kernels."""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.kernels.add_norm import add_norm
from engine.kernels.convnext_front import convnext_front
from engine.kernels.decode_attention import decode_attention
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
from engine.model.rms_norm import RmsNorm


class FusedOperators(Operators):
    """One kernel for each on a GPU; on a CPU, what the kernels stand for."""

    draws_alike = True

    def add_norm(
        self, x: Tensor, delta: Tensor, norm: RmsNorm, weight: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        """See `Operators`; the sum is in `x`."""
        return x, add_norm(x, delta, weight, norm.epsilon, dtype)

    def swiglu(self, gate_up: Tensor) -> Tensor:
        """See `Operators`."""
        gated: Tensor = swiglu(gate_up)
        return gated

    def decode_attention(
        self, heads: Heads, cache: KeyValueCache, rows: DecodeRows
    ) -> Callable[[int, Tensor, Tensor], Tensor]:
        """See `Operators`; each row attends over its own length."""

        def attend(layer: int, qkv: Tensor, norm: Tensor) -> Tensor:
            attended: Tensor = decode_attention(
                *(qkv, norm, heads.cosine, heads.sine, rows.slots, rows.positions),
                cache.data[layer],
                heads.norm.epsilon,
            )
            return attended

        return attend

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
