"""The last kernel's 16-bit samples."""

import numpy as np
import torch

from engine.kernels import overlap_add
from engine.model.decoder import UNKNOWN_LENGTH

HOP = 64


def test_samples_are_rounded_half_to_even() -> None:
    halves = torch.arange(-32000, 32000) + 0.5
    samples = halves / 32767.0
    ties = halves[samples * 32767.0 == halves][: HOP * 100].view(-1, HOP)
    assert len(ties) > 50
    frames = len(ties) + 3
    window = torch.full((4 * HOP,), 0.5)  # four frames that overlap have the energy 1
    waves = torch.zeros(1, frames, 4 * HOP)
    waves[0, 3:, :HOP] = ties / 32767.0 * 2
    state = (torch.zeros(1, 3, HOP), torch.tensor([0]), torch.tensor([0]), torch.tensor([UNKNOWN_LENGTH]))
    (samples,) = overlap_add.launch(waves, window, *state, 0, True)
    assert np.array_equal(samples.view(frames, HOP)[3:].numpy(), np.rint(ties.numpy()))
