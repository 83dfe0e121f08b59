"""Several Tritons behind one proxy: if one of them cannot begin a clip, another one does."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, aclosing

import pytest

from proxy.errors import ApiError, EngineLost, QueueFull, ServiceUnavailable
from proxy.synthesis import failover
from proxy.synthesis.failover import Failover
from proxy.synthesis.grpc import GrpcSynthesizer
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from tests.proxy.stand_in import StandIn
from tests.proxy.synthesis.stand_in_triton import StandInTriton, serve

STOPPING = "in ensemble, the server is stopping and has stopped accepting new requests"


class Fleet:
    """Stand-ins for Tritons behind one synthesizer, and the number of retries."""

    def __init__(self, tritons: list[StandInTriton], urls: list[str]) -> None:
        self.tritons = tritons
        self.url = ",".join(urls)
        self.failovers = 0

    def count(self) -> None:
        self.failovers += 1

    def speak(self, *texts: str) -> list[list[AudioChunk]]:
        """Speak texts one after the other."""
        return asyncio.run(self._speak(texts))

    async def _speak(self, texts: tuple[str, ...]) -> list[list[AudioChunk]]:
        synthesizer = Failover(GrpcSynthesizer(self.url), self.count)
        try:
            await self._until_all_take_part(synthesizer)
            return [await collect(synthesizer, text) for text in texts]
        finally:
            await synthesizer.close()

    async def _until_all_take_part(self, synthesizer: Failover) -> None:
        """Wait until the channel has connected to all of them; before that, it uses only those that it has reached."""
        refusals = [triton.refusal for triton in self.tritons]
        for triton in self.tritons:
            triton.refusal = ""
        async with asyncio.timeout(10):
            while not all(triton.requests for triton in self.tritons):
                await collect(synthesizer, "chunks=1")
        for triton, refusal in zip(self.tritons, refusals, strict=True):
            triton.requests.clear()
            triton.refusal = refusal


async def collect(synthesizer: Failover, text: str = "Hello.") -> list[AudioChunk]:
    async with aclosing(synthesizer.synthesize(SynthesisParameters(text))) as chunks:
        return [chunk async for chunk in chunks]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    tritons = [StandInTriton(), StandInTriton()]
    with ExitStack() as stack:
        yield Fleet(tritons, [stack.enter_context(serve(triton)) for triton in tritons])


@pytest.fixture(autouse=True)
def same_pauses() -> None:
    random.seed(0)


def test_the_work_is_shared(fleet: Fleet) -> None:
    fleet.speak(*["chunks=2"] * 20)
    assert all(len(triton.requests) >= 8 for triton in fleet.tritons)
    assert fleet.failovers == 0


@pytest.mark.parametrize("refusal", [STOPPING, "overloaded: 64 requests are open", "cancelled: the engine was stopped"])
def test_a_clip_that_one_triton_refuses_is_spoken_by_another(fleet: Fleet, refusal: str) -> None:
    fleet.tritons[0].refusal = refusal
    clips = fleet.speak(*["chunks=2"] * 10)
    assert [len(clip) for clip in clips] == [2] * 10
    assert fleet.failovers >= 3


def test_a_missing_triton_does_not_affect_requests(fleet: Fleet) -> None:
    with serve(StandInTriton()) as url:
        pass
    fleet.url = f"{url},{fleet.url}"
    assert [len(clip) for clip in fleet.speak(*["chunks=2"] * 6)] == [2] * 6
    assert fleet.failovers == 0


def test_a_clip_that_has_begun_is_not_retried(fleet: Fleet) -> None:
    with pytest.raises(ServiceUnavailable):
        fleet.speak("after=2 error cancelled: the engine was stopped")
    assert fleet.failovers == 0


@pytest.mark.parametrize(
    "problem", ["invalid_text: nothing to say", "timeout: too late", "internal: broken", "quarantined: it ends engines"]
)
def test_errors_of_the_request_are_not_retried(fleet: Fleet, problem: str) -> None:
    with pytest.raises(ApiError):
        fleet.speak(f"error {problem}")
    assert fleet.failovers == 0
    assert sum(len(triton.requests) for triton in fleet.tritons) == 1


def test_a_request_is_refused_after_two_full_tritons() -> None:
    engine = StandIn(error=QueueFull("full"))
    with pytest.raises(QueueFull):
        asyncio.run(collect(Failover(engine, lambda: None)))
    assert len(engine.asked) == 2


@pytest.mark.parametrize("fate", ["abort=UNAVAILABLE", "error unavailable: the engine died; retry after 3 s"])
def test_a_clip_whose_engine_was_lost_is_retried_only_once(fleet: Fleet, fate: str) -> None:
    with pytest.raises(EngineLost):
        fleet.speak(fate)
    assert fleet.failovers == 1
    assert sum(len(triton.requests) for triton in fleet.tritons) == 2


def test_the_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failover, "PATIENCE", 0.2)
    engine = StandIn(error=ServiceUnavailable("stopping"))
    begun = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        asyncio.run(collect(Failover(engine, lambda: None)))
    assert time.monotonic() - begun >= 0.2
    assert len(engine.asked) > 2


def test_the_search_begins_when_the_first_one_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failover, "PATIENCE", 0.2)
    engine = StandIn(error=ServiceUnavailable("lost"), delays={0: 0.5})
    with pytest.raises(ServiceUnavailable):
        asyncio.run(collect(Failover(engine, lambda: None)))
    assert len(engine.asked) == 2


def test_one_ready_triton_is_enough(fleet: Fleet) -> None:
    fleet.tritons[0].model_ready = False

    async def check_often() -> None:
        synthesizer = Failover(GrpcSynthesizer(fleet.url), fleet.count)
        try:
            for _ in range(6):
                await synthesizer.check()
        finally:
            await synthesizer.close()

    asyncio.run(check_often())


def test_a_restarted_triton_receives_requests_again() -> None:
    with serve(StandInTriton()) as first:
        pass
    back = StandInTriton()

    async def speak_until_it_is_asked(url: str) -> None:
        synthesizer = Failover(GrpcSynthesizer(url), lambda: None)
        try:
            await collect(synthesizer)  # by the one that is there
            with serve(back, port=int(first.rpartition(":")[2])):
                async with asyncio.timeout(10):
                    while not back.requests:
                        await collect(synthesizer)
        finally:
            await synthesizer.close()

    with serve(StandInTriton()) as second:
        asyncio.run(speak_until_it_is_asked(f"{first},{second}"))
