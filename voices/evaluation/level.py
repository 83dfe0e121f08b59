"""The loudness of a sound."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from voices.evaluation.sound import Sound

_SILENT = 1e-6


@dataclass(frozen=True)
class Level:
    """RMS and peak, in decibels of full scale."""

    rms: float
    peak: float

    @classmethod
    def of(cls, sounds: Iterable[Sound]) -> Self:
        """Measure all `sounds` together."""
        samples = np.concatenate([sound.samples for sound in sounds])
        return cls(_decibels(float(np.sqrt(np.mean(np.square(samples))))), _decibels(float(np.abs(samples).max())))


def _decibels(magnitude: float) -> float:
    return 20 * math.log10(max(magnitude, _SILENT))
