"""The front of a ConvNeXt block in one kernel: mask, context, depthwise convolution, layer norm."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.model import convolution
from engine.model.decoder_weights import UPSCALE, ConvNeXtWeights
from engine.model.frames import Frames
from engine.model.linear import Linear

_WARPS = 8


@triton.jit(do_not_specialize=["delay"])
def _convnext_front(
    x_ptr,
    context_ptr,
    slots_ptr,
    first_ptr,
    end_ptr,
    depthwise_ptr,
    bias_ptr,
    norm_ptr,
    norm_bias_ptr,
    normed_ptr,
    residual_ptr,
    delay,
    COUNT: tl.constexpr,
    CHANNELS: tl.constexpr,
    TAPS: tl.constexpr,
    BLOCK_T: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    """One program for some frames of a row. The first one reads the row's old context, and then writes the new one."""
    row = tl.program_id(0).to(tl.int64)
    begin = tl.program_id(1) * BLOCK_T
    channel = tl.arange(0, BLOCK_C)[None, :]
    inside = channel < CHANNELS
    context = context_ptr + tl.load(slots_ptr + row) * (TAPS - 1) * CHANNELS + channel
    frame = tl.load(first_ptr + row) - delay
    end = tl.load(end_ptr + row)
    x = x_ptr + row * COUNT * CHANNELS + channel
    time = begin + tl.arange(0, BLOCK_T)[:, None]
    out = (row * COUNT + time) * CHANNELS + channel
    y = tl.zeros((BLOCK_T, BLOCK_C), tl.float32)
    y += tl.load(bias_ptr + channel, mask=inside, other=0.0).to(tl.float32)
    for tap in tl.static_range(TAPS):
        index = time + tap - (TAPS - 1)
        in_x = (index >= 0) & (frame + index >= 0) & (frame + index < end)
        value = tl.load(x + index * CHANNELS, mask=inside & in_x, other=0.0)
        value += tl.load(context + (index + TAPS - 1) * CHANNELS, mask=inside & (index < 0), other=0.0)
        if tap == TAPS // 2:
            tl.store(residual_ptr + out, value, mask=inside)
        y += value.to(tl.float32) * tl.load(depthwise_ptr + tap * CHANNELS + channel, mask=inside, other=0.0)
    mean = tl.sum(y, axis=1, keep_dims=True) / CHANNELS
    centred = tl.where(inside, y - mean, 0.0)
    scale = tl.rsqrt(tl.sum(centred * centred, axis=1, keep_dims=True) / CHANNELS + 1e-6)
    normed = centred * scale * tl.load(norm_ptr + channel, mask=inside, other=0.0)
    normed += tl.load(norm_bias_ptr + channel, mask=inside, other=0.0)
    tl.store(normed_ptr + out, normed.to(normed_ptr.dtype.element_ty), mask=inside)
    if begin == 0:
        tl.debug_barrier()  # until all threads have read the old context
        for kept in tl.static_range(TAPS - 1):
            last = COUNT - (TAPS - 1) + kept
            in_sentence = (frame + last >= 0) & (frame + last < end)
            latest = tl.load(x + last * CHANNELS, mask=inside & in_sentence, other=0.0)
            tl.store(context + kept * CHANNELS, latest, mask=inside)


def launch(
    x: Tensor,
    context: Tensor,
    slots: Tensor,
    first: Tensor,
    end: Tensor,
    depthwise: Tensor,
    bias: Tensor,
    norm: Tensor,
    norm_bias: Tensor,
    delay: int,
) -> tuple[Tensor, Tensor]:
    """Run the kernel; see `convnext_front`."""
    rows, count, channels = x.shape
    normed, residual = torch.empty_like(x), torch.empty_like(x)
    _convnext_front[(rows, count // UPSCALE)](
        x,
        context,
        slots,
        first,
        end,
        depthwise,
        bias,
        norm,
        norm_bias,
        normed,
        residual,
        delay,
        COUNT=count,
        CHANNELS=channels,
        TAPS=depthwise.shape[0],
        BLOCK_T=UPSCALE,
        BLOCK_C=triton.next_power_of_2(channels),
        num_warps=_WARPS,
    )
    return normed, residual


@torch.library.custom_op("soprano::convnext_front", mutates_args={"context"}, device_types="cpu")
def convnext_front(
    x: Tensor,
    context: Tensor,
    slots: Tensor,
    first: Tensor,
    end: Tensor,
    depthwise: Tensor,
    bias: Tensor,
    norm: Tensor,
    norm_bias: Tensor,
    delay: int,
) -> tuple[Tensor, Tensor]:
    """Return what the first projection of a ConvNeXt block reads, and the residual, `[R, F, C]` each.

    `x` `[R, F, C]` are the frames from `first - delay` on (`first` `[R]`), those up to `end` `[R]` are in the sentence;
    F is a multiple of `UPSCALE`. `context` `[slots, taps - 1, C]` has the frames before, and gets the last ones;
    `depthwise` is `[taps, C]` with at most `UPSCALE` taps, and the others are `[C]`. All are contiguous.
    """
    none = Linear(depthwise)
    block = ConvNeXtWeights(depthwise, bias, (norm, norm_bias), expand=none, contract=none)
    return convolution.convnext_front(block, context, slots, x.clone(), Frames(first, end), delay)


convnext_front.register_kernel("cuda")(launch)
