"""The messages between the server process and the engine process. Loads no PyTorch.

The server sends `Begin` and receives `Ready` or `StartFailed`. After that the server sends lists of messages, and the
engine sends a `Report` after each step that has news, and at least every `HEARTBEAT` seconds. Only the engine's loop
makes them, so that no reports arrive from a loop that hangs.
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
"""The longest interval between two reports in seconds, unless a step takes longer."""


@dataclass(frozen=True)
class Begin:
    """Load the checkpoint."""

    settings: EngineSettings


@dataclass(frozen=True)
class Submit:
    """Speak `sentences`; later messages name the request by its `number`."""

    number: int
    request: SpeechRequest
    sentences: list[PreparedSentence]
    arrived: float


@dataclass(frozen=True)
class ReaderState:
    """The samples that the reader has taken so far; `left_at`, if it has cancelled, is when it was last connected."""

    number: int
    taken_samples: int
    left_at: float | None


@dataclass(frozen=True)
class Ready:
    """The checkpoint is loaded from `directory`; the vocabulary has `vocab_size` tokens."""

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
    """Requests that the next step is the first to work on: if the engine dies, one of them may be the cause."""

    numbers: list[int]


@dataclass(frozen=True)
class Report:
    """The events since the last report."""

    chunks: list[tuple[int, Chunk]]
    errors: list[tuple[int, EngineError]]
    streams_received: int
    """Streaming requests received since the start."""
    load: Load
    statistics: Statistics
    observations: list[tuple[Quantity, float]]


FromServer = Begin | Submit | ReaderState
FromEngine = Ready | StartFailed | Begun | Report
