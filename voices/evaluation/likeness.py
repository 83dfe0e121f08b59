"""How similar two recordings of a sentence sound: the distance of their mel spectra after they are aligned in time."""

import math

import numpy as np
import torch
from numpy.typing import NDArray

from voices.corpus.mel import BANDS, SAMPLE_RATE, log_mel
from voices.evaluation.sound import Sound

_DECIBELS = 20 / math.log(10)  # decibels for 1 in the natural logarithm of a magnitude

Spectrum = NDArray[np.float32]


def mel_spectrum(sound: Sound) -> Spectrum:
    """Return `[frames, bands]` in decibels of full scale, four frames for each token."""
    rows = log_mel(torch.from_numpy(sound.at(SAMPLE_RATE).samples))
    spectrum: Spectrum = rows.reshape(-1, BANDS).numpy() * np.float32(_DECIBELS)
    return spectrum


def mel_distance(first: Spectrum, second: Spectrum) -> float:
    """Return the mean difference in decibels along the best alignment of the frames (dynamic time warping)."""
    # [frames, frames]: the difference of any two frames
    costs = np.stack([np.abs(second - frame).mean(axis=1) for frame in first])
    return _cheapest_path(costs)


def _cheapest_path(costs: NDArray[np.float32]) -> float:
    """Return the mean cost along the path from corner to corner that has the smallest total cost."""
    width = costs.shape[1]
    # For each cell of the row above, after a border on the left: the total cost and the cells of the cheapest path.
    above = [(0.0, 0)] + [(math.inf, 0)] * width
    for row in costs.tolist():
        here = [(math.inf, 0)]
        for column, cost in enumerate(row):
            total, cells = min(above[column], above[column + 1], here[column])
            here.append((total + cost, cells + 1))
        above = here
    total, cells = above[-1]
    return total / cells
