"""Sound, as everything here hears it."""

from dataclasses import dataclass
from math import gcd
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """Samples `[T]`, mono, of which full scale is 1; `rate` of them are a second."""

    samples: Samples
    rate: int

    @classmethod
    def of_integers(cls, samples: NDArray[np.int16], rate: int) -> Self:
        """Take 16-bit samples."""
        return cls(samples.astype(np.float32) / 2**15, rate)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    def at(self, rate: int) -> "Sound":
        """Resample; what the new rate cannot hold is filtered out."""
        if rate == self.rate:
            return self
        common = gcd(rate, self.rate)
        samples = resample_poly(self.samples, rate // common, self.rate // common)
        return Sound(samples.astype(np.float32), rate)

    def integers(self) -> NDArray[np.int16]:
        """Return 16-bit samples; what is too loud is clipped."""
        samples: NDArray[np.int16] = np.clip(np.rint(self.samples * 2**15), -(2**15), 2**15 - 1).astype(np.int16)
        return samples
