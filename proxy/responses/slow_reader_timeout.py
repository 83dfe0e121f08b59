"""How slowly a client may read its audio."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class ReaderStalled(Exception):
    """The client has stopped reading its audio, or reads it too slowly."""


class SlowReaderTimeout:
    """A token bucket of `deadline` seconds, which waiting for one client empties.

    Each wait takes its length out, and each `pace` bytes that the client reads put one second back, up to `deadline`.
    A client that stops reading times out after `deadline` seconds, and one that reads fewer than `pace` bytes per
    second times out when the bucket is empty. The time in which no audio is ready does not count.
    """

    def __init__(self, deadline: float, pace: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline = deadline
        self._pace = pace
        self._clock = clock
        self._seconds_left = deadline
        self._waiting: asyncio.Timeout | None = None

    @asynccontextmanager
    async def wait_for(self, size: int) -> AsyncIterator[None]:
        """Limit a block that waits until the client has read `size` bytes. Raises `ReaderStalled` on timeout."""
        begun = self._clock()
        try:
            async with asyncio.timeout(self._seconds_left) as self._waiting:
                yield
        except TimeoutError as error:
            raise ReaderStalled from error
        finally:
            self._waiting = None
        self._seconds_left -= self._clock() - begun
        if self._seconds_left < 0:
            raise ReaderStalled
        self._seconds_left = min(self._deadline, self._seconds_left + size / self._pace)

    def expire(self) -> None:
        """Time out the current wait now, or else the next one."""
        self._seconds_left = 0.0
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())
