"""The wish to stop: Ctrl-C, or SIGTERM or SIGHUP from whoever started this process."""

import os
import select
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Protocol, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Cancellation(Protocol):
    """Something that a waiting function can be told to give up by: `threading.Event` and `StopSignal` are."""

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds and tell whether to give up."""


class StopSignal:
    """Remembers that a signal asked to stop; a context manager for the main thread, which restores what was before.

    A pipe instead of a `threading.Event`: a handler that sets an event may interrupt the very thread that holds the
    event's lock, and wait for it for ever.
    """

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        # With nohup, closing the terminal is to have no effect.
        heard = [number for number in SIGNALS if not _is_ignored_hangup(number)]
        self._previous = {number: signal.signal(number, self._remember) for number in heard}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the wish to stop, and tell whether it has been expressed."""
        readable, _, _ = select.select([self._reader], [], [], timeout)
        return bool(readable)

    def _remember(self, number: int, _: FrameType | None) -> None:
        # A full pipe has said it already.
        with suppress(BlockingIOError):
            os.write(self._writer, bytes([number]))


def _is_ignored_hangup(number: signal.Signals) -> bool:
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
