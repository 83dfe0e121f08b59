"""The silence before and after speech; it shows whether speech begins and ends at the right time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from voices.errors import VoiceError
from voices.evaluation.sound import Sound

_FRAME = 0.005  # seconds
_AUDIBLE = 0.03  # of the loudest frame


@dataclass(frozen=True)
class Silence:
    """Seconds before the first and after the last audible frame of 5 ms; audible is relative to the loudest frame."""

    before: float
    after: float

    @classmethod
    def around(cls, sound: Sound) -> Self:
        """Measure one sound. Raises `VoiceError` if it is silent."""
        loudness = sound.loudness(_FRAME)
        if not loudness.size or not loudness.max():
            raise VoiceError("a sound that should be speech is silent")
        audible = np.flatnonzero(loudness > _AUDIBLE * loudness.max())
        return cls(float(audible[0]) * _FRAME, sound.seconds - float(audible[-1] + 1) * _FRAME)

    @classmethod
    def mean(cls, silences: Iterable[Self]) -> Self:
        """Return the means of `silences`."""
        listed = list(silences)
        befores, afters = [each.before for each in listed], [each.after for each in listed]
        return cls(float(np.mean(befores)), float(np.mean(afters)))
