"""The form of a sound in the evaluation."""

from dataclasses import dataclass
from math import gcd
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """Mono samples `[T]` with full scale 1, at `rate` samples a second."""

    samples: Samples
    rate: int

    @classmethod
    def of_integers(cls, samples: NDArray[np.int16], rate: int) -> Self:
        """Convert 16-bit samples."""
        return cls(samples.astype(np.float32) / 2**15, rate)

    @property
    def seconds(self) -> float:
        """The duration."""
        return len(self.samples) / self.rate

    def at(self, rate: int) -> "Sound":
        """Resample to `rate`; frequencies above half of it are filtered out."""
        if rate == self.rate:
            return self
        common = gcd(rate, self.rate)
        samples = resample_poly(self.samples, rate // common, self.rate // common)
        return Sound(samples.astype(np.float32), rate)

    def loudness(self, frame: float) -> Samples:
        """Return the RMS of each whole frame of `frame` seconds."""
        size = round(frame * self.rate)
        frames = self.samples[: len(self.samples) // size * size].reshape(-1, size)
        rms: Samples = np.sqrt(np.square(frames).mean(axis=1))
        return rms

    def integers(self) -> NDArray[np.int16]:
        """Return 16-bit samples; samples above full scale are clipped."""
        samples: NDArray[np.int16] = np.clip(np.rint(self.samples * 2**15), -(2**15), 2**15 - 1).astype(np.int16)
        return samples
