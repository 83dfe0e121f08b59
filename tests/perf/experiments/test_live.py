"""The sessions that are measured, through a server with a stand-in engine."""

import asyncio
from collections.abc import Iterator

import pytest
from websockets.asyncio.server import serve

from perf.experiments.live import LivePoint, LiveResults, difference_from_whole, judge, measure, speak
from perf.load_generators.speech_load import LoadFailed
from perf.measurements import Percentiles
from proxy.errors import ServerError
from proxy.settings import Settings
from proxy.synthesis.interface import SentenceStart
from tests.perf.conftest import facts
from tests.proxy.live_server import live_server
from tests.proxy.stand_in import RATE, StandIn

TEXT = "This sentence is written word by word, and it is the only one."


@pytest.fixture
def engine() -> StandIn:
    return StandIn(silence=RATE // 10, sentences={0: (SentenceStart(0, 0, 0, len(TEXT)),)})


@pytest.fixture
def url(engine: StandIn) -> Iterator[str]:
    with live_server(Settings(triton_url="127.0.0.1:1"), lambda: engine) as url:
        yield url


def test_a_session_is_heard_whole(url: str, engine: StandIn) -> None:
    session = asyncio.run(speak(url, TEXT, 0.0))
    assert len(session.samples) == pytest.approx(24000 * (engine.seconds - 0.1), abs=800)
    assert session.stream.audio == pytest.approx(len(session.samples) / 24000)
    assert difference_from_whole(url, session) <= 2


def test_each_text_is_measured_in_turn(url: str) -> None:
    point, heard = asyncio.run(measure(url, 2, 4, [TEXT, f"Another one. {TEXT}"]))
    assert (point.at_once, point.sessions) == (2, 4)
    assert [session.text for session in heard] == 2 * [TEXT, f"Another one. {TEXT}"]
    assert point.first_audio is not None


def test_a_session_that_fails_is_told(url: str, engine: StandIn) -> None:
    engine.error = ServerError("The stand-in broke.")
    with pytest.raises(LoadFailed, match="The stand-in broke"):
        asyncio.run(speak(url, TEXT, 0.0))


def test_targets_are_judged() -> None:
    def point(at_once: int, sound: float, stall: float) -> LivePoint:
        return LivePoint(at_once, 40, Percentiles.of([sound]), Percentiles.of([sound]), Percentiles.of([stall]))

    results = LiveResults(facts(), 0.0, [point(1, 0.2, 0.0), point(8, 0.9, 0.1)], 3)
    assert [verdict.outcome for verdict in judge(results)] == ["missed", "met", "missed", "missed"]


def test_a_session_that_is_cut_is_told() -> None:
    async def cut() -> None:
        async with serve(lambda socket: socket.close(1011), "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            await speak(f"http://127.0.0.1:{port}", TEXT, 0.0)

    with pytest.raises(LoadFailed, match="a live session was cut"):
        asyncio.run(cut())
