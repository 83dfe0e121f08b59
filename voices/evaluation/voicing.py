"""The pitch of a voice and its hoarseness, as Praat measures them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import parselmouth
from numpy.typing import NDArray

from voices.evaluation.sound import Sound

LOWEST, HIGHEST = 60, 400
"""The range of the fundamental frequency in hertz, for women and men."""

_STEP = 0.01  # seconds
_OCTAVE_ERROR = 11  # semitones from the median; further away, Praat took another harmonic for the fundamental
_UNVOICED = -100  # decibels; Praat writes -200


@dataclass(frozen=True)
class Voicing:
    """The lower `harmonics_to_noise`, the hoarser the voice; the lower `pitch_deviation`, the more monotonous."""

    harmonics_to_noise: float  # decibels, the mean over voiced frames
    pitch_deviation: float  # the standard deviation of the pitch, in semitones
    pitch: float  # the median, in hertz

    @classmethod
    def of(cls, sound: Sound) -> Self:
        """Measure one sentence."""
        _, contour = pitch_contour(sound)
        voiced = contour[contour > 0]
        median = float(np.median(voiced))
        semitones = 12 * np.log2(voiced / median)
        deviation = float(np.std(semitones[np.abs(semitones) < _OCTAVE_ERROR]))
        harmonicity = _praat(sound).to_harmonicity_cc(time_step=_STEP, minimum_pitch=LOWEST).values
        return cls(float(np.mean(harmonicity[harmonicity > _UNVOICED])), deviation, median)

    @classmethod
    def mean(cls, voicings: Iterable[Self]) -> Self:
        """Return the means of `voicings`."""
        rows = [(each.harmonics_to_noise, each.pitch_deviation, each.pitch) for each in voicings]
        return cls(*np.mean(rows, axis=0).tolist())


def pitch_contour(sound: Sound) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times in seconds, one every 10 ms, and the fundamental frequencies in hertz; 0 where there is no voice."""
    pitch = _praat(sound).to_pitch_ac(time_step=_STEP, pitch_floor=LOWEST, pitch_ceiling=HIGHEST, voicing_threshold=0.5)
    return pitch.xs(), pitch.selected_array["frequency"]


def _praat(sound: Sound) -> parselmouth.Sound:
    return parselmouth.Sound(sound.samples.astype(np.float64), sound.rate)
