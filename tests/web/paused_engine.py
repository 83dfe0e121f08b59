"""A stand-in for the speech engine that stops in the middle of a clip until it is let go on."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from tests.proxy.stand_in import StandIn


@dataclass
class PausedEngine(StandIn):
    """Makes what comes ahead of the chunk `paused_at` at once, and the rest once `resumed` is set."""

    paused_at: int | None = None
    resumed: threading.Event = field(default_factory=threading.Event)

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        index = 0
        async with aclosing(super().synthesize(parameters)) as chunks:
            async for chunk in chunks:
                # A test lets it go on from another thread, which asyncio's own events are not for.
                while index == self.paused_at and not self.resumed.is_set():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                yield chunk
                index += 1
