"""Deadlines and the warm-up."""

import asyncio
from contextlib import aclosing

import pytest

from proxy.errors import DeadlineExceeded, QueueFull, ServiceUnavailable
from proxy.synthesis.interface import SynthesisParameters
from proxy.synthesis.monitored import MonitoredSynthesizer
from tests.proxy.stand_in import StandIn

HELLO = SynthesisParameters("Hello.")


def monitored(engine: StandIn) -> MonitoredSynthesizer:
    return MonitoredSynthesizer(engine, first_audio_deadline=0.6, stall_deadline=0.3)


async def count_chunks(synthesizer: MonitoredSynthesizer) -> int:
    async with aclosing(synthesizer.synthesize(HELLO)) as chunks:
        return len([chunk async for chunk in chunks])


def test_chunks_pass_through() -> None:
    assert asyncio.run(count_chunks(monitored(StandIn(chunks=4)))) == 4


def test_first_deadline_is_for_the_first_chunk_only() -> None:
    engine = StandIn(chunks=4, delays={0: 0.4, 1: 0.1, 2: 0.1, 3: 0.1})
    assert asyncio.run(count_chunks(monitored(engine))) == 4


@pytest.mark.parametrize(("delays", "message"), [({0: 9.0}, "first audio"), ({2: 9.0}, "next audio")])
def test_late_chunk_ends_the_work(delays: dict[int, float], message: str) -> None:
    engine = StandIn(delays=delays)
    with pytest.raises(DeadlineExceeded, match=message):
        asyncio.run(count_chunks(monitored(engine)))
    assert engine.cancelled.is_set()


def test_reader_that_takes_its_time_is_no_stall() -> None:
    async def read_slowly() -> int:
        count = 0
        async with aclosing(monitored(StandIn(chunks=3)).synthesize(HELLO)) as chunks:
            async for _ in chunks:
                await asyncio.sleep(0.4)
                count += 1
        return count

    assert asyncio.run(read_slowly()) == 3


def test_checks_at_the_same_time_share_one_warm_up() -> None:
    engine = StandIn(delays={0: 0.05})

    async def check_often() -> None:
        synthesizer = monitored(engine)
        await asyncio.gather(*(synthesizer.check() for _ in range(10)))
        await synthesizer.close()

    asyncio.run(check_often())
    assert len(engine.asked) == 1


def test_check_does_not_wait_for_a_long_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.synthesis.monitored.CHECK_SECONDS", 0.05)
    engine = StandIn(delays={0: 0.15})

    async def check_twice() -> None:
        synthesizer = monitored(engine)
        with pytest.raises(ServiceUnavailable, match="warming up"):
            await synthesizer.check()
        await asyncio.sleep(0.2)
        await synthesizer.check()
        await synthesizer.close()

    asyncio.run(check_twice())
    assert len(engine.asked) == 1


def test_an_engine_that_is_full_works() -> None:
    engine = StandIn(error=QueueFull("full"))

    async def check() -> None:
        synthesizer = monitored(engine)
        await synthesizer.check()
        await synthesizer.close()

    asyncio.run(check())
    assert len(engine.asked) == 1


def test_closing_ends_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.synthesis.monitored.CHECK_SECONDS", 0.05)
    engine = StandIn(delays={0: 9.0})

    async def close_early() -> None:
        synthesizer = MonitoredSynthesizer(engine, first_audio_deadline=30, stall_deadline=30)
        with pytest.raises(ServiceUnavailable):
            await synthesizer.check()
        await synthesizer.close()

    asyncio.run(close_early())
    assert engine.cancelled.is_set()
    assert engine.closed
