"""What a server's process and its engine's process tell each other; each sends lists of these. Loads no PyTorch.

The server begins with `Begin` and gets `Ready` or `StartFailed`. From then on the engine sends a `Report` after each
step that has something to tell, and at least every `HEARTBEAT` seconds: its loop writes them itself, so that a loop
that hangs falls silent.
"""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.observations import Quantity
from engine.request import SpeechRequest
from engine.scheduling.queue_estimator import Load
from engine.settings import EngineSettings
from engine.speech import Chunk
from engine.statistics import Statistics
from text.preparation import PreparedSentence

HEARTBEAT = 0.25
"""Seconds between two reports at most, as long as no step takes longer."""


@dataclass(frozen=True)
class Begin:
    """Load the checkpoint and speak."""

    settings: EngineSettings


@dataclass(frozen=True)
class Submit:
    """Speak `sentences`; everything about them is told under `number`."""

    number: int
    request: SpeechRequest
    sentences: list[PreparedSentence]
    arrived: float


@dataclass(frozen=True)
class ReaderState:
    """How many samples the request's reader has taken in all; and if it has left, when it was last seen."""

    number: int
    taken_samples: int
    left_at: float | None


@dataclass(frozen=True)
class Ready:
    """The checkpoint is loaded from `directory`; its tokenizer serves a vocabulary of so many tokens."""

    checkpoint: str
    directory: Path
    tokenizer: Path
    vocab_size: int


@dataclass(frozen=True)
class StartFailed:
    """The checkpoint could not be loaded."""

    error: EngineError


@dataclass(frozen=True)
class Begun:
    """Requests that the next step is the first to work on: where the engine dies, one of those may be why."""

    numbers: list[int]


@dataclass(frozen=True)
class Report:
    """What has happened since the last one."""

    chunks: list[tuple[int, Chunk]]
    errors: list[tuple[int, EngineError]]
    streams_received: int
    """Streams among the requests received since the start."""
    load: Load
    statistics: Statistics
    observations: list[tuple[Quantity, float]]


FromServer = Begin | Submit | ReaderState
FromEngine = Ready | StartFailed | Begun | Report
