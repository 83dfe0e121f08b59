"""A stand-in for the speech engine that pauses in the middle of a clip until the test resumes it."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from tests.proxy.stand_in import StandIn


@dataclass
class PausedEngine(StandIn):
    """Makes the chunks before `paused_at` at once, and the rest once `resumed` is set."""

    paused_at: int | None = None
    resumed: threading.Event = field(default_factory=threading.Event)

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        index = 0
        async with aclosing(super().synthesize(parameters)) as chunks:
            async for chunk in chunks:
                # The test resumes it from another thread, which asyncio's own events do not support.
                while index == self.paused_at and not self.resumed.is_set():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                yield chunk
                index += 1
