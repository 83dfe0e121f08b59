"""Speech whose pitch periods are aligned with the tokens: a period begins at the centre of every token.

The decoder sees a few states and no phase, so it can make clear harmonics only if their phases follow from the states.
Therefore the recordings are bent in time, by a few milliseconds, until the voice completes a whole number of periods
from each token to the next. Between the centres the periods follow a cubic spline. At the centres the harmonics then
are multiples of the decoder's bins, and their phases depend on nothing but the kind of sound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import resample_poly

from voices.corpus.mel import SAMPLE_RATE, TOKEN
from voices.corpus.pitch import STEP, Pitch

_OVERSAMPLING = 4
# Of the distance from the recording, in periods, that a token makes up for. Where there is a voice the pitch would
# waver if it made up for more.
_VOICED_PULL, _UNVOICED_PULL = 0.08, 0.6


@dataclass(frozen=True)
class Alignment:
    """How a recording is bent so that it has N tokens."""

    periods: NDArray[np.int16]  # [N], completed since the token before; the first entry repeats the second
    voiced: NDArray[np.bool_]  # [N]
    _bent: CubicSpline  # periods completed at each second after the alignment
    pitch: Pitch

    @classmethod
    def of(cls, pitch: Pitch, seconds: float) -> "Alignment":
        """Find the alignment of a recording of `seconds` with this pitch."""
        token = TOKEN / SAMPLE_RATE
        centres = np.arange(int(np.ceil(seconds / token)) + 1) * token
        times = np.arange(len(pitch.periods)) * STEP
        voiced = np.interp(centres, times, pitch.voiced) > 1 / 2
        whole = _whole_periods(_extended(centres, times, pitch.periods), voiced)
        between = np.diff(whole)
        periods = np.concatenate((between[:1], between)).astype(np.int16)
        return cls(periods, voiced, CubicSpline(centres, whole, bc_type="natural"), pitch)

    def original(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The seconds in the recording of what is at `times` after the alignment."""
        steps = np.arange(len(self.pitch.periods))
        rising = np.maximum.accumulate(self.pitch.periods + 1e-9 * steps)
        return _extended(self._bent(times), rising, steps * STEP)

    def bent(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """The recording after the alignment, `[(N - 1) * TOKEN]` at the decoder's rate; silence outside."""
        times = self.original(np.arange((len(self.periods) - 1) * TOKEN) / SAMPLE_RATE)
        fine = resample_poly(samples, _OVERSAMPLING, 1)
        positions = np.arange(len(fine)) / (_OVERSAMPLING * rate)
        return np.interp(times, positions, fine, left=0, right=0).astype(np.float32)


def align(samples: NDArray[np.float32], rate: int) -> Alignment:
    """Find the alignment of `samples` `[T]` at `rate` hertz, a multiple of 4 kHz."""
    return Alignment.of(Pitch.of(samples, rate), len(samples) / rate)


def _whole_periods(periods: NDArray[np.float64], voiced: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Round the periods at the centres so that the pitch between them changes as little as possible."""
    whole = np.round(periods)
    for index in range(1, len(whole)):
        pull = _VOICED_PULL if voiced[index - 1] and voiced[index] else _UNVOICED_PULL
        ahead = whole[index - 1] - periods[index - 1]
        whole[index] = whole[index - 1] + np.round(periods[index] - periods[index - 1] - pull * ahead)
    return whole


def _extended(
    at: NDArray[np.float64], positions: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate as `np.interp`, and go on beyond both ends as the values do there."""
    inside = np.interp(at, positions, values)
    for end, slope in ((0, slice(0, 2)), (-1, slice(-2, None))):
        rate = float(np.diff(values[slope])[0] / np.diff(positions[slope])[0])
        beyond = at < positions[0] if end == 0 else at > positions[-1]
        inside[beyond] = values[end] + (at[beyond] - positions[end]) * rate
    return inside
