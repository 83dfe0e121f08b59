"""The results of an evaluation."""

from dataclasses import dataclass, field

from measuring.host import Facts
from voices.evaluation.joins import Joins
from voices.evaluation.level import Level
from voices.evaluation.silence import Silence
from voices.evaluation.speeds import Speed
from voices.evaluation.word_errors import WordErrors


@dataclass(frozen=True)
class Misheard:
    """A sentence in which the recogniser misunderstood at least one word."""

    text: str
    heard: str  # recognised in the voice's clip
    heard_of_teacher: str


@dataclass(frozen=True)
class Likeness:
    """The mean distance between the mel spectra of the voice and of its teacher, in decibels."""

    same: float  # between clips of the same sentence
    other: float  # between clips of different sentences, for comparison
    duration: float  # of the voice's clips, divided by that of the teacher's


@dataclass(frozen=True)
class Sounding:
    """Level and silence of a speaker's clips."""

    level: Level
    silence: Silence


@dataclass
class Results:
    """All results; those that were not measured are empty or None."""

    facts: Facts
    checkpoint: str
    sentences: int
    teacher: WordErrors
    voice: dict[str, WordErrors] = field(default_factory=dict)  # by format and speed
    misheard: list[Misheard] = field(default_factory=list)  # in the first format
    likeness: Likeness | None = None
    sounding: dict[str, Sounding] = field(default_factory=dict)  # by speaker
    joins: Joins | None = None
    speeds: dict[str, Speed] = field(default_factory=dict)  # by model
