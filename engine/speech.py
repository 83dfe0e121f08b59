"""The caller's side of a request: audio as it is decoded, and cancellation."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError

SAMPLE_RATE = 32000
"""Samples per second of every Soprano model; mono."""

Samples = NDArray[np.float32 | np.int16]
"""Full scale is 1.0 in float32; the engine process emits 16-bit PCM."""


@dataclass(frozen=True)
class SentenceStart:
    """Where a sentence begins: in the audio, after its pause, and in the caller's text (`[start, end)` in code points).

    `spoken` is what the model reads for it.
    """

    index: int
    sample: int
    start: int
    end: int
    spoken: str


@dataclass(frozen=True)
class SentenceEnd:
    """Where the audio of a sentence ends: at this sample a pause begins."""

    index: int
    sample: int


class Flag(StrEnum):
    """How a sentence failed."""

    TRUNCATED = "truncated"
    """Its last attempt reached the token limit or hallucinated, and ends there."""
    SILENT = "silent"
    """The model made no sound for it in any attempt; it is skipped."""


@dataclass(frozen=True)
class SentenceFlag:
    """A sentence that failed, and how."""

    index: int
    flag: Flag


@dataclass(frozen=True)
class Chunk:
    """A part of the audio, with the sentences that begin in it and those that failed up to its end.

    The audio is the concatenation of `pieces`, which is done where `samples` is read first, or where the chunk is
    pickled: not on the engine's thread. `ends` has the sentences in it that a pause follows; any other ends where the
    next one begins. The last chunk of a request is `final`. Only this chunk may have no samples: when the last
    sentences are silent.
    """

    pieces: tuple[Samples, ...]
    sentences: tuple[SentenceStart, ...]
    prompt_tokens: int
    audio_tokens: int  # so far
    final: bool
    flags: tuple[SentenceFlag, ...] = ()
    ends: tuple[SentenceEnd, ...] = ()

    @cached_property
    def samples(self) -> Samples:
        """The audio."""
        return self.pieces[0] if len(self.pieces) == 1 else np.concatenate(self.pieces)

    @property
    def sample_count(self) -> int:
        """The number of samples, which needs no concatenation."""
        return sum(map(len, self.pieces))

    def __getstate__(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"pieces": (self.samples,)}


def pcm16(samples: Samples) -> NDArray[np.int16]:
    """Return samples as 16-bit PCM; values out of range are clipped."""
    if samples.dtype == np.int16:
        return samples.astype(np.int16, copy=False)
    scaled: NDArray[np.float32] = np.rint(samples.clip(-1.0, 1.0) * np.float32(32767.0))
    return scaled.astype(np.int16)


class AudioSink(Protocol):
    """Where the engine puts a request's audio, and sees whether its reader keeps up."""

    @property
    def buffered_samples(self) -> int:
        """Samples that the reader has not taken yet."""
        ...

    @property
    def left_at(self) -> float | None:
        """When the caller of a cancelled request was last known to be connected, by `time.perf_counter`; else None."""
        ...

    def put(self, chunk: Chunk) -> None:
        """Add a chunk."""
        ...

    def fail(self, error: EngineError) -> None:
        """End the request with `error`; chunks not yet taken can still be taken."""
        ...


class Speech:
    """An open request: iterate over its chunks, or `take` them one by one; `cancel` at any time.

    The engine's thread puts chunks in, one other thread takes them out. `on_ready` is called on the engine's thread
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
        """Yield every chunk as it is emitted; raises the `EngineError` if the request ended with one."""
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
        """Return the next chunk, or None if there is none yet; once all are taken, raises the request's error."""
        with self._changed:
            if not self._chunks:
                if self._error is not None:
                    raise self._error
                return None
            chunk = self._chunks.popleft()
            self._taken += chunk.sample_count
        self._wake_engine(self)
        return chunk

    def cancel(self, since: float | None = None) -> None:
        """Cancel the request; its slots are free after the current step. Safe to call more than once.

        `since` is when the caller was last known to be connected (a `time.perf_counter` value, by default now).
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
        """When the caller of a cancelled request was last known to be connected, by `time.perf_counter`; else None."""
        return self._left_at

    @property
    def ended(self) -> bool:
        """Whether the engine has emitted the final chunk or an error."""
        return self._ended

    @property
    def buffered_samples(self) -> int:
        """Samples that the reader has not taken yet."""
        return self._put - self._taken

    @property
    def taken_samples(self) -> int:
        """Samples that the reader has taken."""
        return self._taken

    def put(self, chunk: Chunk) -> None:
        """Add a chunk. Called by the engine."""
        with self._changed:
            self._chunks.append(chunk)
            self._put += chunk.sample_count
            self._ended = chunk.final
            self._changed.notify_all()
        self._announce()

    def fail(self, error: EngineError) -> None:
        """End the request with `error`; chunks not yet taken can still be taken. Called by the engine."""
        with self._changed:
            self._error = error
            self._ended = True
            self._changed.notify_all()
        self._announce()

    def _announce(self) -> None:
        if self._on_ready is not None:
            self._on_ready(self)
