"""The results of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Self

from measuring.host import Facts
from voices.evaluation.joins import Joins
from voices.evaluation.level import Level
from voices.evaluation.pauses import Pauses
from voices.evaluation.quality import distill_mos, p808
from voices.evaluation.reach import reach
from voices.evaluation.silence import Silence
from voices.evaluation.sound import Sound
from voices.evaluation.speeds import Speed
from voices.evaluation.voicing import Voicing
from voices.evaluation.word_errors import WordErrors


@dataclass(frozen=True)
class Misheard:
    """A text of which the recogniser misunderstood at least one word."""

    text: str
    heard: str


@dataclass(frozen=True)
class Understanding:
    """How a set of texts is understood."""

    errors: WordErrors
    repeated: int  # texts of which a phrase is heard twice
    unfinished: int  # texts that the server warns of: a sentence was cut at the token limit, or had no sound
    misheard: list[Misheard]


@dataclass(frozen=True)
class Sounding:
    """How a set of sentences sounds: means over the clips, but for the level, which is that of all together."""

    distill_mos: float
    p808: float
    voicing: Voicing
    pauses: Pauses
    reach: float  # hertz, the median
    level: Level
    silence: Silence
    seconds: float  # of all clips

    @classmethod
    def of(cls, texts: Sequence[str], sounds: Sequence[Sound]) -> Self:
        """Measure the `sounds` of `texts`. Raises `VoiceError` if one is silent."""
        # First, because the others do not expect silence.
        silence = Silence.mean(map(Silence.around, sounds))
        return cls(
            distill_mos=fmean(map(distill_mos, sounds)),
            p808=fmean(map(p808, sounds)),
            voicing=Voicing.mean(map(Voicing.of, sounds)),
            pauses=Pauses.of(texts, sounds),
            reach=median(map(reach, sounds)),
            level=Level.of(sounds),
            silence=silence,
            seconds=sum(sound.seconds for sound in sounds),
        )


@dataclass(frozen=True)
class System:
    """A teacher or a voice: how its held-out sentences are understood and sound, and how hard texts are understood."""

    held_out: Understanding
    hard: Understanding
    sounding: Sounding


@dataclass
class Results:
    """All results; those that were not measured are empty or None."""

    facts: Facts
    checkpoint: str
    sentences: int
    hard_texts: int
    systems: dict[str, System] = field(default_factory=dict)
    variants: dict[str, WordErrors] = field(default_factory=dict)  # of the voice, by format and speed
    joins: Joins | None = None
    speeds: dict[str, Speed] = field(default_factory=dict)  # by model
