"""The silence before and after speech, which tells whether it begins and ends when it should."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from voices.errors import VoiceError
from voices.evaluation.sound import Sound

_FRAMES = 200  # a second
_AUDIBLE = 0.03  # of the loudest frame


@dataclass(frozen=True)
class Silence:
    """Seconds before the first and after the last frame of 5 ms that is not far quieter than the loudest one."""

    before: float
    after: float

    @classmethod
    def around(cls, sound: Sound) -> Self:
        """Measure it. Raises `VoiceError` if there is nothing else."""
        size = sound.rate // _FRAMES
        frames = sound.samples[: len(sound.samples) // size * size].reshape(-1, size)
        loudness = np.sqrt(np.square(frames).mean(axis=1))
        if not loudness.size or not loudness.max():
            raise VoiceError("there is nothing to be heard in a sound that should be speech")
        audible = np.flatnonzero(loudness > _AUDIBLE * loudness.max())
        return cls(audible[0] * size / sound.rate, (len(sound.samples) - (audible[-1] + 1) * size) / sound.rate)

    @classmethod
    def mean(cls, silences: Iterable[Self]) -> Self:
        """Average."""
        listed = list(silences)
        befores, afters = [each.before for each in listed], [each.after for each in listed]
        return cls(float(np.mean(befores)), float(np.mean(afters)))
