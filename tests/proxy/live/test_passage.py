"""What a passage makes of an engine that is lost."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest
from prometheus_client import Gauge

from proxy.errors import ApiError, EngineLost, QueueFull, ServiceUnavailable
from proxy.live.passage import Passage
from proxy.responses.buffer_budget import BufferAccount, BufferBudget
from proxy.synthesis.interface import AudioChunk, SentenceFlag, SynthesisParameters
from proxy.synthesis.monitored import MonitoredSynthesizer
from tests.proxy.stand_in import StandIn
from text.sentences import Sentence

SENTENCES = [Sentence("the first one.", 0, 14), Sentence("the second one.", 15, 30)]


class Failing(StandIn):
    """Fails the requests before which there is an error in `errors`: in the middle, or at once after the first one."""

    def __init__(self, *errors: ApiError, fails_at: int = 15, **fields: object) -> None:
        super().__init__(**fields)  # type: ignore[arg-type]
        self.errors = list(errors)
        self.first_fails_at = fails_at

    def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        self.error = self.errors.pop(0) if self.errors else None
        self.fails_at = 0 if self.asked else self.first_fails_at
        return super().synthesize(parameters)


def account() -> BufferAccount:
    return BufferBudget(1 << 30, Gauge("buffered", "", registry=None)).open(lambda: None)


def spoken(engine: StandIn, *, patient: bool = False) -> list[AudioChunk]:
    """What a passage of two sentences gives."""

    async def speak() -> list[AudioChunk]:
        synthesizer = MonitoredSynthesizer(engine, first_audio_deadline=20, stall_deadline=20)
        passage = Passage(synthesizer, SENTENCES, SynthesisParameters(""), account(), patient=patient)
        try:
            return [chunk async for chunk in passage.chunks()]
        finally:
            await passage.aclose()

    return asyncio.run(speak())


def samples(chunks: list[AudioChunk]) -> list[int]:
    return list(np.concatenate([chunk.samples for chunk in chunks]))


def test_what_was_made_before_an_engine_was_lost_is_not_heard_twice() -> None:
    lost = spoken(Failing(EngineLost("It is gone.")))
    whole = spoken(StandIn())
    assert samples(lost) == samples(whole)
    assert [start for chunk in lost for start in chunk.sentences] == [s for chunk in whole for s in chunk.sentences]


def test_a_sentence_that_went_wrong_is_told_once() -> None:
    flag = SentenceFlag(0, "truncated")
    chunks = spoken(Failing(EngineLost("It is gone."), flags={12: (flag,)}))
    assert [each for chunk in chunks for each in chunk.flags] == [flag]


@pytest.mark.parametrize("error", [ServiceUnavailable("It starts."), QueueFull("It is full.")])
def test_a_passage_that_has_begun_waits_for_its_engine(error: ApiError) -> None:
    engine = Failing(EngineLost("It is gone."), error, error)
    assert samples(spoken(engine)) == samples(spoken(StandIn()))


@pytest.mark.parametrize("error", [ServiceUnavailable("It starts."), QueueFull("It is full.")])
def test_a_patient_passage_waits_for_its_engine(error: ApiError) -> None:
    engine = Failing(error, error, fails_at=0)
    assert samples(spoken(engine, patient=True)) == samples(spoken(StandIn()))


@pytest.mark.parametrize(("error", "requests"), [(ServiceUnavailable("It starts."), 2), (QueueFull("It is full."), 1)])
def test_any_other_passage_does_not(error: ApiError, requests: int) -> None:
    engine = Failing(error, error, fails_at=0)
    with pytest.raises(type(error)):
        spoken(engine)
    assert len(engine.asked) == requests


def test_the_time_to_wait_begins_when_the_engine_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.live.passage.RECOVERY_SECONDS", 1.0)
    delays = dict.fromkeys(range(5), 0.3)
    engine = Failing(EngineLost("It is gone."), ServiceUnavailable("It starts."), fails_at=5, delays=delays)
    assert samples(spoken(engine, patient=True)) == samples(spoken(StandIn()))


def test_what_was_made_of_a_passage_that_is_cut_is_not_charged_any_longer() -> None:
    async def cut() -> int:
        synthesizer = MonitoredSynthesizer(StandIn(), first_audio_deadline=20, stall_deadline=20)
        charged = account()
        passage = Passage(synthesizer, SENTENCES, SynthesisParameters(""), charged, patient=False)
        await passage.made()
        assert charged.bytes > 0
        passage.cut()
        assert [chunk async for chunk in passage.chunks()] == []
        return charged.bytes

    assert asyncio.run(cut()) == 0


def test_it_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.live.passage.RECOVERY_SECONDS", 0.2)
    with pytest.raises(ServiceUnavailable):
        spoken(StandIn(error=ServiceUnavailable("It starts.")), patient=True)
