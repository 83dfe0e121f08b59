"""How like two readings of a sentence sound: the distance of their mel spectra, with differences of pace set aside."""

import math

import numpy as np
import torch
from numpy.typing import NDArray

from voices.corpus.mel import BANDS, log_mel
from voices.corpus.teacher import SAMPLE_RATE
from voices.evaluation.sound import Sound

_DECIBELS = 20 / math.log(10)  # a natural logarithm of a magnitude in decibels

Spectrum = NDArray[np.float32]


def mel_spectrum(sound: Sound) -> Spectrum:
    """Return `[frames, bands]` in decibels of full scale, four frames a token."""
    rows = log_mel(torch.from_numpy(sound.at(SAMPLE_RATE).samples))
    spectrum: Spectrum = rows.reshape(-1, BANDS).numpy() * np.float32(_DECIBELS)
    return spectrum


def mel_distance(first: Spectrum, second: Spectrum) -> float:
    """Return the mean difference in decibels along the path on which they are most alike (dynamic time warping)."""
    # [frames, frames]: how unlike any two frames are
    costs = np.stack([np.abs(second - frame).mean(axis=1) for frame in first])
    return _cheapest_path(costs)


def _cheapest_path(costs: NDArray[np.float32]) -> float:
    """Return the mean cost on the way from corner to corner whose costs have the smallest sum."""
    width = costs.shape[1]
    # Of the cheapest way to each cell of a row, with a border on the left: its sum and the cells that it passes.
    above = [(0.0, 0)] + [(math.inf, 0)] * width
    for row in costs.tolist():
        here = [(math.inf, 0)]
        for column, cost in enumerate(row):
            total, cells = min(above[column], above[column + 1], here[column])
            here.append((total + cost, cells + 1))
        above = here
    total, cells = above[-1]
    return total / cells
