"""Clients that read too slowly are disconnected, and no others."""

import asyncio

import pytest

from proxy.responses.slow_reader_timeout import ReaderStalled, SlowReaderTimeout
from tests.proxy.conftest import Serve
from tests.proxy.routers.test_metrics import value
from tests.proxy.slow_reader import ask_for_speech, read_slowly
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def waits(timeout: SlowReaderTimeout, clock: Clock, seconds: float, taken: int) -> bool:
    """Whether a client may take `seconds` for `taken` bytes."""

    async def wait() -> None:
        async with timeout.wait_for(taken):
            clock.now += seconds

    try:
        asyncio.run(wait())
    except ReaderStalled:
        return False
    return True


def test_one_read_of_64_kilobytes_a_minute_is_too_slow() -> None:
    clock = Clock()
    timeout = SlowReaderTimeout(60, 2000, clock)
    assert [waits(timeout, clock, 59, 65536) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("pace", "lump"), [(4000, 65536), (4000, 200_000), (16000, 400_000), (2100, 65536)])
def test_a_client_that_plays_in_real_time_is_never_too_slow(pace: int, lump: int) -> None:
    clock = Clock()
    timeout = SlowReaderTimeout(60, 2000, clock)
    assert all(waits(timeout, clock, lump / pace, lump) for _ in range(1000))


@pytest.mark.parametrize("stream", [True, False])
def test_a_reader_that_takes_a_little_now_and_then_is_cut_off(serve: Serve, engine: StandIn, stream: bool) -> None:
    engine.chunks = 200
    client = serve(reader_deadline=2.0, reader_pace=200_000)
    with ask_for_speech(client, stream=stream) as connection:
        assert not read_slowly(connection, pause=0.1, seconds=10)
        assert value(client, "soprano_proxy_cancelled_total", reason="stalled") == 1
        assert value(client, "soprano_proxy_in_flight") == 0


def test_a_reader_at_the_pace_is_not_cut_off(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 200
    client = serve(reader_deadline=2.0, reader_pace=20_000)
    with ask_for_speech(client) as connection:
        assert read_slowly(connection, pause=0.1, seconds=4)


def test_a_reader_that_leaves_only_the_end_unread_is_cut_off(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 40
    client = serve(reader_deadline=0.3)
    with ask_for_speech(client, stream=False):
        wait_until(lambda: value(client, "soprano_proxy_cancelled_total", reason="stalled") == 1, 5)
