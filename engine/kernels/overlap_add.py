"""The end of the decoder in one kernel: window, overlap-add, envelope, and 16-bit samples."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.model.frames import Frames
from engine.model.overlap import Overlap, quantised

_BLOCK = 128  # samples of a program


@triton.jit(do_not_specialize=["delay"])
def _overlap_add(
    waves_ptr,
    window_ptr,
    tail_ptr,
    slots_ptr,
    first_ptr,
    end_ptr,
    out_ptr,
    delay,
    COUNT: tl.constexpr,
    HOP: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """One program for a block of a row's hops, which it makes one after the other, so that nothing is added twice.

    A frame has four parts, one for each hop that it reaches: `tail` is what the next three hops have so far.
    """
    row = tl.program_id(0).to(tl.int64)
    sample = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = sample < HOP
    window0 = tl.load(window_ptr + sample, mask=inside, other=0.0)
    window1 = tl.load(window_ptr + HOP + sample, mask=inside, other=0.0)
    window2 = tl.load(window_ptr + 2 * HOP + sample, mask=inside, other=0.0)
    window3 = tl.load(window_ptr + 3 * HOP + sample, mask=inside, other=0.0)
    slot_tail = tail_ptr + tl.load(slots_ptr + row) * 3 * HOP + sample
    tail0 = tl.load(slot_tail, mask=inside, other=0.0)
    tail1 = tl.load(slot_tail + HOP, mask=inside, other=0.0)
    tail2 = tl.load(slot_tail + 2 * HOP, mask=inside, other=0.0)
    frame = tl.load(first_ptr + row) - delay
    end = tl.load(end_ptr + row)
    for hop in range(COUNT):
        index = frame + hop
        in_sentence = (index >= 0) & (index < end)
        wave = waves_ptr + (row * COUNT + hop) * 4 * HOP + sample
        samples = tail0 + tl.load(wave, mask=inside & in_sentence, other=0.0) * window0
        tail0 = tail1 + tl.load(wave + HOP, mask=inside & in_sentence, other=0.0) * window1
        tail1 = tail2 + tl.load(wave + 2 * HOP, mask=inside & in_sentence, other=0.0) * window2
        tail2 = tl.load(wave + 3 * HOP, mask=inside & in_sentence, other=0.0) * window3
        energy = tl.where(in_sentence, window0 * window0, 0.0)
        energy += tl.where((index >= 1) & (index <= end), window1 * window1, 0.0)
        energy += tl.where((index >= 2) & (index <= end + 1), window2 * window2, 0.0)
        energy += tl.where((index >= 3) & (index <= end + 2), window3 * window3, 0.0)
        samples = tl.div_rn(samples, tl.maximum(energy, 1e-11))
        if out_ptr.dtype.element_ty == tl.int16:
            samples = tl.minimum(tl.maximum(samples, -1.0), 1.0) * 32767.0
            samples = (samples + 12582912.0) - 12582912.0  # 1.5 * 2**23: rounds half to even
        tl.store(out_ptr + (row * COUNT + hop) * HOP + sample, samples.to(out_ptr.dtype.element_ty), mask=inside)
    tl.store(slot_tail, tail0, mask=inside)
    tl.store(slot_tail + HOP, tail1, mask=inside)
    tl.store(slot_tail + 2 * HOP, tail2, mask=inside)


def launch(
    waves: Tensor, window: Tensor, tail: Tensor, slots: Tensor, first: Tensor, end: Tensor, delay: int, quantise: bool
) -> Tensor:
    """Run the kernel; see `overlap_add`."""
    rows, count, size = waves.shape
    hop = size // 4
    out = torch.empty(rows, count * hop, dtype=torch.int16 if quantise else torch.float32, device=waves.device)
    _overlap_add[(rows, triton.cdiv(hop, _BLOCK))](
        waves,
        window,
        tail,
        slots,
        first,
        end,
        out,
        delay,
        COUNT=count,
        HOP=hop,
        BLOCK=_BLOCK,
        enable_fp_fusion=False,  # a product and a sum in one would round differently
    )
    return out


@torch.library.custom_op("soprano::overlap_add", mutates_args={"tail"}, device_types="cpu")
def overlap_add(
    waves: Tensor, window: Tensor, tail: Tensor, slots: Tensor, first: Tensor, end: Tensor, delay: int, quantise: bool
) -> Tensor:
    """Return the final samples `[R, F * hop]` of frames; with `quantise` in 16 bits, else in float32.

    `waves` `[R, F, 4 * hop]` are the frames from `first - delay` on (`first` `[R]`), those up to `end` `[R]` are in the
    sentence; `window` is `[4 * hop]`; `tail` `[slots, 3, hop]` is what earlier frames left for the next hops. All are
    contiguous.
    """
    samples = Overlap(window, tail).add(slots, waves.clone(), Frames(first, end), delay)
    return quantised(samples) if quantise else samples


overlap_add.register_kernel("cuda")(launch)
