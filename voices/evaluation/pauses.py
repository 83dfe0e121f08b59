"""The pauses within sentences, and whether they are at the commas."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np

from voices.evaluation.sound import Sound

_FRAME = 0.01  # seconds
_SHORTEST = 0.12  # seconds; shorter silences belong to stops such as "t"
_AUDIBLE = 10 ** (-38 / 20)  # of the loudest frame
_COMMA = re.compile(r"[,;:]\s")


@dataclass(frozen=True)
class Pauses:
    """The pauses of many sentences."""

    per_sentence: float
    seconds: float  # the mean duration; 0 without pauses
    at_commas: float  # the share of commas, semicolons and colons that have a pause; 0 without commas

    @classmethod
    def of(cls, texts: Sequence[str], sounds: Sequence[Sound]) -> Self:
        """Measure the `sounds` of `texts`. A pause is taken to be at a comma as long as the text has commas left."""
        pauses = [pauses_within(sound) for sound in sounds]
        commas = [len(_COMMA.findall(text)) for text in texts]
        used = sum(min(len(found), number) for found, number in zip(pauses, commas, strict=True))
        durations = [seconds for found in pauses for seconds in found]
        return cls(
            per_sentence=len(durations) / len(sounds),
            seconds=float(np.mean(durations)) if durations else 0.0,
            at_commas=used / sum(commas) if any(commas) else 0.0,
        )


def pauses_within(sound: Sound) -> list[float]:
    """Return the durations, in seconds, of the silences of at least 0.12 s between the first and the last sound."""
    loudness = sound.loudness(_FRAME)
    audible = loudness > _AUDIBLE * loudness.max()
    inside = np.trim_zeros(audible)
    silences = (len(list(frames)) * _FRAME for is_audible, frames in groupby(inside) if not is_audible)
    return [seconds for seconds in silences if seconds >= _SHORTEST]
