"""Overlap-add of frames, over calls: the end of the inverse STFT (Griffin and Lim 1984)."""

import torch
from torch import Tensor

from engine.model.decoder_weights import HOPS_PER_FRAME
from engine.model.frames import Frames


class Overlap:
    """What the frames so far leave for the next hops, in all slots."""

    def __init__(self, window: Tensor, tail: Tensor) -> None:
        """Take the window `[4 * hop]`, and the tails `[slots, 3, hop]`, which are changed."""
        self.window = window
        self.tail = tail
        self._energy = window.square().view(HOPS_PER_FRAME, -1)

    def add(self, slots: Tensor, waves: Tensor, frames: Frames, delay: int) -> Tensor:
        """Return the samples `[R, F * hop]` that are final after `waves` `[R, F, 4 * hop]`, which are changed."""
        count = waves.shape[1]
        waves = waves.mul_(self.window).mul_(frames.inside(count, delay, waves.dtype)[..., None])
        return self._overlapped(slots, waves).div(self._envelope(frames, count, delay)).flatten(1)

    def _overlapped(self, slots: Tensor, waves: Tensor) -> Tensor:
        """Overlap-add the frames; return the final hops `[R, F, hop]`."""
        rows, count, _ = waves.shape
        parts = waves.view(rows, count, HOPS_PER_FRAME, -1)
        hops = waves.new_zeros(rows, count + HOPS_PER_FRAME - 1, parts.shape[-1])
        hops[:, : HOPS_PER_FRAME - 1] = self.tail[slots]
        for part in range(HOPS_PER_FRAME):
            hops[:, part : part + count] += parts[:, :, part]
        self.tail[slots] = hops[:, count:]
        return hops[:, :count]

    def _envelope(self, frames: Frames, count: int, delay: int) -> Tensor:
        """Return the summed window energy at each hop, `[R, F, hop]`.

        It is lower near the ends of a sentence, where fewer frames overlap.
        """
        inside = frames.inside(count + HOPS_PER_FRAME - 1, delay + HOPS_PER_FRAME - 1, self._energy.dtype)
        # Hop t is the sum of part p of frame t - p over all p.
        overlapping = inside.unfold(1, HOPS_PER_FRAME, 1).flip(-1)
        # The hops beyond the ends are no audio; the clamp keeps them finite.
        return (overlapping @ self._energy).clamp(min=1e-11)


def quantised(samples: Tensor) -> Tensor:
    """Return 16-bit samples, rounded half to even."""
    return samples.clamp(-1.0, 1.0).mul(32767.0).round_().to(torch.int16)
