"""Asks again for a clip of which nothing has come yet: where several Tritons share the work, another one answers."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from proxy.errors import EngineLost, QueueFull, ServiceUnavailable
from proxy.synthesis.interface import AudioChunk, SynthesisParameters, Synthesizer

PATIENCE = 1.0
"""Seconds in which to find a Triton that serves, once one has refused because it stops, or was lost."""
_PAUSE = 0.02  # seconds between two attempts, on average: the channel may hand the next to the one that stops, too
_ATTEMPTS_WHEN_FULL = 2  # since work is shared evenly, others are as full
_ATTEMPTS_WHEN_LOST = 2  # since what ends two engines would end all of them


class Failover:
    """Passes requests on to `inner`, and repeats those that it could not begin.

    A clip of which some audio has been heard is never begun anew: it might continue in another voice. One whose Triton
    was lost is begun once more, not oftener: it may have been why. `on_failover` is called for every attempt but the
    first.
    """

    def __init__(self, inner: Synthesizer, on_failover: Callable[[], object]) -> None:
        self._inner = inner
        self._on_failover = on_failover

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """See `Synthesizer`. Raises what the last attempt did."""
        search = _Search()
        attempts_when_full = attempts_when_lost = 0
        heard = False
        while True:
            try:
                async with aclosing(self._inner.synthesize(parameters)) as chunks:
                    async for chunk in chunks:
                        heard = True
                        yield chunk
            except QueueFull:
                attempts_when_full += 1
                if heard or attempts_when_full == _ATTEMPTS_WHEN_FULL:
                    raise
            except EngineLost:
                attempts_when_lost += 1
                if heard or attempts_when_lost == _ATTEMPTS_WHEN_LOST:
                    raise
            except ServiceUnavailable:
                if heard or search.is_over():
                    raise
            else:
                return
            self._on_failover()
            await _pause()

    async def check(self) -> None:
        """See `Synthesizer`: one that is ready is enough."""
        search = _Search()
        while True:
            try:
                return await self._inner.check()
            except ServiceUnavailable:
                if search.is_over():
                    raise
            await _pause()

    async def close(self) -> None:
        """See `Synthesizer`."""
        await self._inner.close()


class _Search:
    """Counts from the first failure on: a Triton may be lost long after it was asked."""

    def __init__(self) -> None:
        self._until: float | None = None

    def is_over(self) -> bool:
        now = time.monotonic()
        self._until = self._until or now + PATIENCE
        return now > self._until


async def _pause() -> None:
    await asyncio.sleep(random.uniform(0, 2 * _PAUSE))  # noqa: S311 - spreads the attempts of many
