"""How long a client may let its audio wait."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class ReaderStalled(Exception):
    """The client has left its audio unread for too long, or takes it too slowly."""


class SlowReaderTimeout:
    """A reserve of `deadline` seconds, out of which the waits for one client are paid.

    Each wait takes its length from the reserve, and each `pace` bytes that the client takes put a second back, up to
    the whole. So a client that stops is given up after `deadline` seconds, and one that goes on slower than `pace`
    bytes a second when it has used up the difference. Audio that is not made yet does not count: nothing waits then.
    """

    def __init__(self, deadline: float, pace: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline = deadline
        self._pace = pace
        self._clock = clock
        self._reserve = deadline
        self._waiting: asyncio.Timeout | None = None

    @asynccontextmanager
    async def wait_for(self, taken: int) -> AsyncIterator[None]:
        """Around what waits until the client has taken `taken` bytes. Raises `ReaderStalled` when that is too long."""
        begun = self._clock()
        try:
            async with asyncio.timeout(self._reserve) as self._waiting:
                yield
        except TimeoutError as error:
            raise ReaderStalled from error
        finally:
            self._waiting = None
        self._reserve -= self._clock() - begun
        if self._reserve < 0:
            raise ReaderStalled
        self._reserve = min(self._deadline, self._reserve + taken / self._pace)

    def expire(self) -> None:
        """Give the client up, now if something waits for it, else with the next wait."""
        self._reserve = 0.0
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())
