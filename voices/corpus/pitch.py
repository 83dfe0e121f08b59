"""The pitch of a voice: how many periods it has completed at each moment."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import parselmouth
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import resample_poly

STEP = 0.001
"""Seconds between two values."""

_LOWEST, _HIGHEST = 90, 450  # hertz, of the teacher
_FRAME = 0.005  # seconds between two measurements of the pitch
_NARROW = 4000  # hertz: the rate at which the fundamental is followed
_FUNDAMENTAL = 0.006  # seconds: deviation of the window that separates it from its second harmonic
_SMOOTH_PITCH, _SMOOTH_PHASE = 6, 3  # steps
_UNVOICED = 200.0  # hertz, for sound without any voice


@dataclass(frozen=True)
class Pitch:
    """Values every millisecond."""

    periods: NDArray[np.float64]  # completed since the beginning; they continue evenly where there is no voice
    voiced: NDArray[np.bool_]

    @classmethod
    def of(cls, samples: NDArray[np.float32], rate: int) -> Self:
        """Measure `samples` `[T]`; `rate` must be a multiple of 4 kHz.

        The frequency is Praat's (autocorrelation, Boersma 1993). The phase is that of the fundamental, which is shifted
        to zero frequency and separated by a window.
        """
        measured = parselmouth.Sound(samples.astype(np.float64), rate).to_pitch_ac(
            time_step=_FRAME, pitch_floor=_LOWEST, pitch_ceiling=_HIGHEST, octave_jump_cost=0.6
        )
        frequency = measured.selected_array["frequency"].astype(np.float32)
        evenly = cls.of_frequency(frequency, frequency > 0, measured.xs(), len(samples) / rate)
        return cls(evenly.periods + _correction(samples, rate, evenly.periods, evenly.voiced), evenly.voiced)

    @classmethod
    def of_frequency(
        cls, frequency: NDArray[np.float32], voiced: NDArray[np.bool_], times: NDArray[np.float64], seconds: float
    ) -> Self:
        """The pitch during `seconds`, from frequencies `[T]` in hertz at `times` `[T]`, where there is a voice."""
        steps = np.arange(int(seconds / STEP) + 1) * STEP
        if not voiced.any():
            return cls(_UNVOICED * steps, np.zeros(len(steps), dtype=np.bool_))
        logarithm = np.interp(steps, times[voiced], np.log(frequency[voiced]))
        hertz = np.exp(gaussian_filter1d(logarithm, _SMOOTH_PITCH))
        periods = np.concatenate(([0.0], np.cumsum((hertz[1:] + hertz[:-1]) / 2 * STEP)))
        return cls(periods, np.interp(steps, times, voiced) > 1 / 2)


def _correction(
    samples: NDArray[np.float32], rate: int, periods: NDArray[np.float64], voiced: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How many periods the fundamental is ahead of `periods`."""
    runs = np.flatnonzero(np.diff(voiced, prepend=False, append=False)).reshape(-1, 2)
    if not len(runs):
        return np.zeros(len(periods))
    ahead = np.angle(_fundamental(samples, rate, periods)) / (2 * np.pi)
    last = 0.0
    for start, stop in runs:
        run = np.unwrap(ahead[start:stop], period=1)
        ahead[start:stop] = run + np.round(last - run[0])
        last = ahead[stop - 1]
    steps = np.arange(len(periods))
    smooth: NDArray[np.float64] = gaussian_filter1d(np.interp(steps, steps[voiced], ahead[voiced]), _SMOOTH_PHASE)
    return smooth


def _fundamental(samples: NDArray[np.float32], rate: int, periods: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The fundamental at zero frequency, a value for each of `periods`."""
    narrow = resample_poly(samples, 1, rate // _NARROW)
    times, steps = np.arange(len(narrow)) / _NARROW, np.arange(len(periods)) * STEP
    shifted = narrow * np.exp(-2j * np.pi * np.interp(times, steps, periods))
    width = _FUNDAMENTAL * _NARROW
    smooth = gaussian_filter1d(shifted.real, width) + 1j * gaussian_filter1d(shifted.imag, width)
    return np.interp(steps, times, smooth)
