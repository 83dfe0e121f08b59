"""Which of the decoder's frames are in a sentence."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Frames:
    """The frame numbers of each row's input within its sentence."""

    first: Tensor  # [R]
    end: Tensor  # [R], exclusive

    def inside(self, count: int, delay: int, dtype: torch.dtype) -> Tensor:
        """Return a mask `[R, count]` of the frames from `first - delay` on: 1 in the sentence, 0 outside."""
        index = self.first[:, None] + torch.arange(-delay, count - delay, device=self.first.device)
        return ((index >= 0) & (index < self.end[:, None])).to(dtype)
