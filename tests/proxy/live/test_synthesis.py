"""When the engine is asked to speak a live text, and what is left of a clip that is given up."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
from prometheus_client import Gauge

from proxy.live.playback import Playback
from proxy.live.synthesis import LiveSynthesis
from proxy.live.text import LiveText, Patience
from proxy.responses.buffer_budget import BufferBudget
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from proxy.synthesis.monitored import MonitoredSynthesizer
from tests.proxy.stand_in import StandIn


@dataclass
class Awaited(StandIn):
    """Tells when it is asked for the first time."""

    asked_first: asyncio.Event = field(default_factory=asyncio.Event)

    def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        self.asked_first.set()
        return super().synthesize(parameters)


class SlowToStop(StandIn):
    """Needs a while to be cancelled, as an engine does to which a message must be sent."""

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        try:
            async for chunk in super().synthesize(parameters):
                yield chunk
        finally:
            await asyncio.sleep(0.2)


LONG = "That was all that he had in his pocket."
YES = "Yes, it was."
FOLLOWING = "And nobody ever knew what he did with it."


def spoken(engine: Awaited, pieces: list[str]) -> list[str]:
    """Speak a text of which the second piece is written when the engine was asked for the first; return the words."""

    async def work() -> list[str]:
        text = LiveText(patience=Patience(complete=3600.0, pause=3600.0, clause=3600.0))
        synthesizer = MonitoredSynthesizer(engine, first_audio_deadline=20, stall_deadline=20)
        budget = BufferBudget(1 << 30, Gauge("buffered", "", registry=None))
        synthesis = LiveSynthesis(synthesizer, text, SynthesisParameters(""), Playback(), budget)

        async def write() -> None:
            text.append(pieces[0])
            await engine.asked_first.wait()
            for piece in pieces[1:]:
                text.append(piece)
            text.end()

        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(write())
            return [start.spoken async for chunk in synthesis.chunks() for start in chunk.sentences]

    return asyncio.run(work())


def test_a_sentence_is_begun_when_its_end_is_written() -> None:
    engine = Awaited()
    assert spoken(engine, [f"{LONG} ", FOLLOWING]) == [LONG.lower(), FOLLOWING.lower()]
    assert engine.spoken == [LONG.lower(), FOLLOWING.lower()]
    assert engine.finished == 2


def test_it_is_begun_anew_if_a_short_one_belongs_to_it() -> None:
    engine = Awaited(delays={5: 0.01})
    assert spoken(engine, [f"{LONG} ", f"{YES} {FOLLOWING}"]) == [f"{LONG} {YES}".lower(), FOLLOWING.lower()]
    assert engine.spoken == [LONG.lower(), f"{LONG} {YES}".lower(), FOLLOWING.lower()]
    assert engine.finished == 1
    assert engine.cancelled.is_set()


def test_what_was_begun_too_early_is_not_heard_if_the_text_is_cleared() -> None:
    engine = Awaited(delays={5: 0.01})

    async def work() -> list[AudioChunk]:
        gauge = Gauge("buffered", "", registry=None)
        text = LiveText(patience=Patience(complete=3600.0, pause=3600.0, clause=3600.0))
        synthesizer = MonitoredSynthesizer(engine, first_audio_deadline=20, stall_deadline=20)
        synthesis = LiveSynthesis(synthesizer, text, SynthesisParameters(""), Playback(), BufferBudget(1 << 30, gauge))

        async def write() -> None:
            text.append(f"{LONG} ")
            await engine.asked_first.wait()
            synthesis.clear()
            text.append(f"{FOLLOWING} ")
            text.end()

        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(write())
            chunks = [chunk async for chunk in synthesis.chunks()]
        assert gauge._value.get() == 0
        return chunks

    chunks = asyncio.run(work())
    assert [start.spoken for chunk in chunks for start in chunk.sentences] == [FOLLOWING.lower()]
    assert engine.cancelled.is_set()


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
