"""What an evaluation has found out."""

from dataclasses import dataclass, field

from measuring.host import Facts
from voices.evaluation.joins import Joins
from voices.evaluation.level import Level
from voices.evaluation.silence import Silence
from voices.evaluation.speeds import Speed
from voices.evaluation.word_errors import WordErrors


@dataclass(frozen=True)
class Misheard:
    """A sentence that was not understood word for word."""

    text: str
    heard: str  # of the voice
    heard_of_teacher: str


@dataclass(frozen=True)
class Likeness:
    """How far the voice's mel spectra are from its teacher's, in decibels; means over all sentences."""

    same: float  # of the same sentence
    other: float  # of another one, for comparison
    duration: float  # of the voice, in shares of the teacher's


@dataclass(frozen=True)
class Sounding:
    """How a reader's clips sound."""

    level: Level
    silence: Silence


@dataclass
class Results:
    """Everything, as far as it was measured."""

    facts: Facts
    checkpoint: str
    sentences: int
    teacher: WordErrors
    voice: dict[str, WordErrors] = field(default_factory=dict)  # by format and speed
    misheard: list[Misheard] = field(default_factory=list)  # in the first format
    likeness: Likeness | None = None
    sounding: dict[str, Sounding] = field(default_factory=dict)  # by reader
    joins: Joins | None = None
    speeds: dict[str, Speed] = field(default_factory=dict)  # by model
