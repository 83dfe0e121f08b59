"""Convolutions over frames that come in parts: each slot keeps the last inputs of every convolution."""

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.decoder_weights import ConvNeXtWeights, ConvolutionWeights
from engine.model.frames import Frames


def extend(context: Tensor, slots: Tensor, x: Tensor) -> Tensor:
    """Prepend each slot's last frames to `x` `[R, F, C]`, and store the new last frames."""
    extended = torch.cat((context[slots], x), dim=1)
    context[slots] = extended[:, x.shape[1] :]
    return extended


def convolve(weights: ConvolutionWeights, x: Tensor) -> Tensor:
    """Apply a dense convolution without padding; `x` is `[R, F + 2 * reach, C]`."""
    return F.conv1d(x.transpose(1, 2), weights.weight, weights.bias).transpose(1, 2)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Normalise over the channels."""
    return F.layer_norm(x, weight.shape, weight, bias, eps=1e-6)


def convnext_front(
    block: ConvNeXtWeights, context: Tensor, slots: Tensor, x: Tensor, frames: Frames, delay: int
) -> tuple[Tensor, Tensor]:
    """Compute a ConvNeXt block up to its first projection; return what that reads, and the residual, `[R, F, C]` each.

    `x` `[R, F, C]`, which is changed, are the frames from `first - delay` on; `context` `[slots, 2 * reach, C]` are the
    inputs before them. The results are `reach` frames late.
    """
    x = x.mul_(frames.inside(x.shape[1], delay, x.dtype)[..., None])
    x = extend(context, slots, x)
    kernel = block.depthwise.shape[0]
    count = x.shape[1] - kernel + 1
    y = block.depthwise_bias
    for tap in range(kernel):
        y = torch.addcmul(y, x[:, tap : tap + count], block.depthwise[tap])
    return layer_norm(y, *block.norm), x[:, kernel // 2 : kernel // 2 + count].contiguous()
