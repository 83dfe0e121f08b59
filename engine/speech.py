"""The caller's side of a request: audio as it is made, and a way to cancel."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError

SAMPLE_RATE = 32000
"""Samples a second of every Soprano model; mono."""

Samples = NDArray[np.float32 | np.int16]
"""Full scale is 1 in float32; the engine's own process makes 16-bit PCM."""


@dataclass(frozen=True)
class SentenceStart:
    """Where a sentence begins: in the audio, and in the caller's text (`[start, end)` in code points)."""

    index: int
    sample: int
    start: int
    end: int


class Flag(StrEnum):
    """What a listener should know of a sentence that the model did not speak to its end."""

    TRUNCATED = "truncated"
    """It reached the token limit or hallucinated, with every retry, and ends there."""
    SILENT = "silent"
    """The model made no sound for it, with every retry; it is skipped."""


@dataclass(frozen=True)
class SentenceFlag:
    """A sentence that went wrong."""

    index: int
    flag: Flag


@dataclass(frozen=True)
class Chunk:
    """A piece of audio, with the sentences that begin in it and those that went wrong up to its end.

    The last one of a request is `final`; that one alone may hold no samples, where the last sentences are silent.
    """

    samples: Samples
    sentences: tuple[SentenceStart, ...]
    prompt_tokens: int
    audio_tokens: int  # so far
    final: bool
    flags: tuple[SentenceFlag, ...] = ()


def pcm16(samples: Samples) -> NDArray[np.int16]:
    """Return samples as 16-bit PCM; what is out of range is clipped, never wrapped."""
    if samples.dtype == np.int16:
        return samples.astype(np.int16, copy=False)
    scaled: NDArray[np.float32] = np.rint(samples.clip(-1.0, 1.0) * np.float32(32767.0))
    return scaled.astype(np.int16)


class AudioSink(Protocol):
    """Where the engine puts what it makes of a request, and looks what has become of its reader."""

    @property
    def buffered_samples(self) -> int:
        """Samples that nobody has taken yet."""
        ...

    @property
    def left_at(self) -> float | None:
        """The latest moment at which the caller of a request that is cancelled was there."""
        ...

    def put(self, chunk: Chunk) -> None:
        """Add a chunk."""
        ...

    def fail(self, error: EngineError) -> None:
        """End the request with `error`; chunks not yet taken stay."""
        ...


class Speech:
    """A request under way: iterate over its chunks, or `take` them one by one; `cancel` at any time.

    The engine's thread puts chunks in, any one thread takes them out. `on_ready` is called, in the engine's thread,
    whenever there is something to take; it must not block.
    """

    def __init__(
        self, wake_engine: Callable[["Speech"], None], on_ready: Callable[["Speech"], None] | None = None
    ) -> None:
        self._changed = threading.Condition()
        self._chunks: deque[Chunk] = deque()
        self._put = 0
        self._taken = 0
        self._error: EngineError | None = None
        self._ended = False
        self._left_at: float | None = None
        self._wake_engine = wake_engine
        self._on_ready = on_ready

    def __iter__(self) -> Iterator[Chunk]:
        """Yield every chunk as it comes; raises the `EngineError` that ended the request, if one did."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._chunks or self._ended)
            chunk = self.take()
            if chunk is None:
                return
            yield chunk
            if chunk.final:
                return

    def take(self) -> Chunk | None:
        """Return the next chunk if it is there, else None; raises what ended the request once nothing is left."""
        with self._changed:
            if not self._chunks:
                if self._error is not None:
                    raise self._error
                return None
            chunk = self._chunks.popleft()
            self._taken += len(chunk.samples)
        self._wake_engine(self)
        return chunk

    def cancel(self, since: float | None = None) -> None:
        """Stop the request; its slots are free after the step that is running. Safe to call more than once.

        `since` is the latest moment at which the caller was known to be there, by `time.perf_counter`; now, if left
        out.
        """
        if self._left_at is None:
            self._left_at = time.perf_counter() if since is None else since
        self._wake_engine(self)

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._left_at is not None

    @property
    def left_at(self) -> float | None:
        """The latest moment at which the caller of a request that is cancelled was there."""
        return self._left_at

    @property
    def ended(self) -> bool:
        """Whether the engine has put in all that it will."""
        return self._ended

    @property
    def buffered_samples(self) -> int:
        """Samples that nobody has taken yet."""
        return self._put - self._taken

    @property
    def taken_samples(self) -> int:
        """Samples that were taken."""
        return self._taken

    def put(self, chunk: Chunk) -> None:
        """Add a chunk. For the engine."""
        with self._changed:
            self._chunks.append(chunk)
            self._put += len(chunk.samples)
            self._ended = chunk.final
            self._changed.notify_all()
        self._announce()

    def fail(self, error: EngineError) -> None:
        """End the request with `error`; chunks not yet taken stay. For the engine."""
        with self._changed:
            self._error = error
            self._ended = True
            self._changed.notify_all()
        self._announce()

    def _announce(self) -> None:
        if self._on_ready is not None:
            self._on_ready(self)
