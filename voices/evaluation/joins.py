"""Clicks where one sentence ends and the next begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from voices.evaluation.speaker import Clip

_NEAR = 0.02  # seconds around a join; the rounding of timestamps is smaller


@dataclass(frozen=True)
class Joins:
    """The largest difference between two neighbouring samples, in shares of full scale; a click makes it large."""

    number: int
    at_joins: float
    elsewhere: float

    @classmethod
    def of(cls, clips: Iterable[Clip]) -> Self:
        """Measure at the beginning of every sentence except the first of each clip, and everywhere else."""
        number, near, far = 0, [0.0], [0.0]
        for clip in clips:
            jumps = np.abs(np.diff(clip.sound.samples))
            is_near = np.zeros(len(jumps), dtype=np.bool_)
            for begin in clip.sentence_starts[1:]:
                start, stop = (round((begin + offset) * clip.sound.rate) for offset in (-_NEAR, _NEAR))
                is_near[max(0, start) : stop] = True
                number += 1
            near += jumps[is_near].tolist()
            far += jumps[~is_near].tolist()
        return cls(number, max(near), max(far))
