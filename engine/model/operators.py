"""The parts of the models that a GPU computes in a kernel of its own; here as several operators of PyTorch."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model import convolution
from engine.model.decode_attention import DecodeAttention, DecodeRows
from engine.model.decoder_weights import ConvNeXtWeights
from engine.model.drawing import Drawing, StepRows, draw
from engine.model.frames import Frames
from engine.model.heads import Heads
from engine.model.key_value_cache import KeyValueCache
from engine.model.overlap import Overlap, quantised
from engine.model.prefill_attention import PackedPrompts, PrefillAttention
from engine.model.rms_norm import RmsNorm


class Operators:
    """Any device runs these; `engine.kernels` has the same functions as kernels."""

    draws_alike = False
    """Whether `draw` is the same for all sampling parameters, and needs no `candidates`."""

    captures_prompts = False
    """Whether the shapes of a prefill follow from its numbers of tokens and prompts, so that it can be captured."""

    def add_norm(
        self,
        x: Tensor,
        delta: Tensor,
        norm: RmsNorm,
        weight: Tensor,
        dtype: torch.dtype,  # noqa: ARG002 - for kernels
    ) -> tuple[Tensor, Tensor]:
        """Return `x + delta` `[R, H]` in float32, and its norm in `dtype` or float32.

        `x` may be used for the result.
        """
        x = x + delta
        return x, norm(x, weight)

    def swiglu(self, gate_up: Tensor) -> Tensor:
        """Return `silu(gate) * up`, `[R, I]`, of `gate_up` `[R, 2 * I]`."""
        gate, up = gate_up.chunk(2, dim=-1)
        return F.silu(gate) * up

    def prefill_attention(
        self, heads: Heads, cache: KeyValueCache, prompts: PackedPrompts
    ) -> Callable[[int, Tensor, Tensor], Tensor]:
        """Return the attention of a prefill; see `PrefillAttention`."""
        return PrefillAttention(heads, cache, prompts)

    def decode_attention(
        self, heads: Heads, cache: KeyValueCache, rows: DecodeRows
    ) -> Callable[[int, Tensor, Tensor], Tensor]:
        """Return the attention of a decode step; see `DecodeAttention`."""
        return DecodeAttention(heads, cache, rows)

    def convnext_front(
        self, block: ConvNeXtWeights, context: Tensor, slots: Tensor, x: Tensor, frames: Frames, delay: int
    ) -> tuple[Tensor, Tensor]:
        """Compute a ConvNeXt block up to its first projection; see `convolution.convnext_front`."""
        return convolution.convnext_front(block, context, slots, x, frames, delay)

    def overlap_add(
        self, overlap: Overlap, slots: Tensor, waves: Tensor, frames: Frames, delay: int, quantise: bool
    ) -> Tensor:
        """Return the samples that are final after `waves`, which may be changed; with `quantise` in 16 bits.

        See `Overlap`.
        """
        samples = overlap.add(slots, waves, frames, delay)
        return quantised(samples) if quantise else samples

    def draw(self, drawing: Drawing, rows: StepRows, logits: Tensor, candidates: int) -> tuple[Tensor, Tensor]:
        """Draw a token of each row from the largest `candidates` of `logits` `[R, V]`; see `drawing.draw`.

        All that is different in a sentence after that is changed.
        """
        sampling = drawing.sampling.batch(rows.at, candidates)
        return draw(drawing.sentences, drawing.seen, drawing.end_token, rows, logits, sampling)
