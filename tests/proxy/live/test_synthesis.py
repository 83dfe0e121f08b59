"""What is left of a live clip that is given up."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from prometheus_client import Gauge

from proxy.live.playback import Playback
from proxy.live.synthesis import LiveSynthesis
from proxy.live.text import LiveText
from proxy.responses.buffer_budget import BufferBudget
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from proxy.synthesis.monitored import MonitoredSynthesizer
from tests.proxy.stand_in import StandIn


class SlowToStop(StandIn):
    """Needs a while to be cancelled, as an engine does to which a message must be sent."""

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        try:
            async for chunk in super().synthesize(parameters):
                yield chunk
        finally:
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("cancellations", [1, 2])
def test_nothing_is_left_however_often_it_is_cancelled(cancellations: int) -> None:
    """A client that leaves is found by the task that reads, and by the one that writes."""
    gauge = Gauge("buffered", "", registry=None)
    engine = SlowToStop(delays={5: 1000.0})
    begun = asyncio.Event()

    async def read(text: LiveText) -> None:
        synthesizer = MonitoredSynthesizer(engine, first_audio_deadline=20, stall_deadline=2000)
        budget = BufferBudget(1 << 30, gauge)
        synthesis = LiveSynthesis(synthesizer, text, SynthesisParameters(""), Playback(), budget)
        async with aclosing(synthesis.chunks()) as chunks:
            async for _ in chunks:
                begun.set()
                await asyncio.Event().wait()

    async def give_up() -> None:
        text = LiveText()
        text.append("That was all that he had in his pocket.")
        text.end()
        reading = asyncio.create_task(read(text))
        await begun.wait()
        await asyncio.sleep(0.05)
        assert gauge._value.get() > 0
        for _ in range(cancellations):
            reading.cancel()
            await asyncio.sleep(0.05)
        await asyncio.wait([reading])

    asyncio.run(give_up())
    assert gauge._value.get() == 0
    assert engine.cancelled.is_set()
