"""Requests to stop: Ctrl-C, SIGTERM and SIGHUP."""

import os
import select
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Protocol, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Cancellation(Protocol):
    """Tells a waiting function to stop waiting; `threading.Event` and `StopSignal` are cancellations."""

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds and return whether to stop."""


class StopSignal:
    """Records that a signal asked to stop. A context manager for the main thread; it restores the earlier handlers.

    It uses a pipe instead of a `threading.Event`, because a signal handler that sets an event can deadlock: it may
    interrupt the thread that holds the event's lock.
    """

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        # Under nohup, closing the terminal must have no effect.
        handled = [number for number in SIGNALS if not _is_ignored_hangup(number)]
        self._previous = {number: signal.signal(number, self._record) for number in handled}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a signal, and return whether one has arrived."""
        readable, _, _ = select.select([self._reader], [], [], timeout)
        return bool(readable)

    def _record(self, number: int, _: FrameType | None) -> None:
        # If the pipe is full, it already holds a signal.
        with suppress(BlockingIOError):
            os.write(self._writer, bytes([number]))


def _is_ignored_hangup(number: signal.Signals) -> bool:
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
