"""Retries of clips that have not started: with several Tritons, another one takes over."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from proxy.errors import EngineLost, QueueFull, ServiceUnavailable
from proxy.synthesis.interface import AudioChunk, SynthesisParameters, Synthesizer

PATIENCE = 1.0
"""Seconds in which to find another Triton, from the first failure on."""
_PAUSE = 0.02  # average seconds between two attempts; the channel may pick a Triton that is stopping again
_ATTEMPTS_WHEN_FULL = 2  # load is balanced evenly, so the other Tritons are as full
_ATTEMPTS_WHEN_LOST = 2  # a request that ends two engines would end all of them


class Failover:
    """Passes requests on to `inner`, and retries those that it could not begin.

    A clip that has produced audio is never retried, because it could sound different. A clip whose Triton was lost is
    retried only once, because the clip may have caused the loss. `on_failover` is called before every retry.
    """

    def __init__(self, inner: Synthesizer, on_failover: Callable[[], object]) -> None:
        self._inner = inner
        self._on_failover = on_failover

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """See `Synthesizer`. Raises the error of the last attempt."""
        search = _Search()
        attempts_when_full = attempts_when_lost = 0
        has_started = False
        while True:
            try:
                async with aclosing(self._inner.synthesize(parameters)) as chunks:
                    async for chunk in chunks:
                        has_started = True
                        yield chunk
            except QueueFull:
                attempts_when_full += 1
                if has_started or attempts_when_full == _ATTEMPTS_WHEN_FULL:
                    raise
            except EngineLost:
                attempts_when_lost += 1
                if has_started or attempts_when_lost == _ATTEMPTS_WHEN_LOST:
                    raise
            except ServiceUnavailable:
                if has_started or search.is_over():
                    raise
            else:
                return
            self._on_failover()
            await _pause()

    async def check(self) -> None:
        """See `Synthesizer`; one ready Triton is enough."""
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
    """Limits a search to `PATIENCE` seconds from its first failure, which may come long after the request."""

    def __init__(self) -> None:
        self._until: float | None = None

    def is_over(self) -> bool:
        now = time.monotonic()
        self._until = self._until or now + PATIENCE
        return now > self._until


async def _pause() -> None:
    await asyncio.sleep(random.uniform(0, 2 * _PAUSE))  # noqa: S311 - spreads the attempts of many
