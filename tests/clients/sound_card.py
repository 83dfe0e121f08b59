"""A stand-in for a sound card: the part of the module `sounddevice` that OpenAI's player uses."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
BLOCK = 480


class CallbackStop(Exception):
    """Raised by a player that has finished."""


class OutputStream:
    """Requests blocks of samples in a thread of its own, as a sound card does, and keeps them."""

    played: list["OutputStream"] = []  # noqa: RUF012 - the card's record, emptied by the test

    def __init__(
        self, samplerate: int, callback: Callable[[Samples, int, Any, Any], None], dtype: Any, channels: int
    ) -> None:
        self.rate, self.channels = samplerate, channels
        self.blocks: list[Samples] = []
        self._dtype = dtype
        self._callback = callback
        self._thread = threading.Thread(target=self._play)

    def __enter__(self) -> Self:
        self.played.append(self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.join()

    def samples(self) -> Samples:
        """The played samples, shape [n, channels]; the last block ends in silence."""
        return np.concatenate(self.blocks)

    def _play(self) -> None:
        while True:
            block = np.empty((BLOCK, self.channels), self._dtype)
            try:
                self._callback(block, BLOCK, None, None)
            except CallbackStop:
                return
            self.blocks.append(block)
