"""A step that raises ends as few requests as possible."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.engine import Engine
from engine.errors import EngineFailed, EngineUnavailable
from engine.request import SamplingParameters, SpeechRequest
from engine.runtime.model_runner import Prompt, Runner
from engine.settings import EngineSettings
from tests.engine.conftest import speak
from tests.waiting import wait_until

SENTENCE = "The quick brown fox jumps over the lazy dog, and so on."
LONG_TEXT = " ".join(f"This is sentence number {index} of a long text." for index in range(12))
POISON = SamplingParameters(top_k=13)
"""A request with this parameter fails every step that it takes part in."""


@pytest.fixture
def engine(tiny_checkpoint: Path) -> Iterator[Engine]:
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, slots=8, max_wait=600)
    with Engine(settings) as engine:
        yield engine


@pytest.fixture(params=["prefill", "beat", "decode_audio"])
def poisonous(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one of the runner's calls raise after its work if it includes a poisonous request."""
    poisoned: set[int] = set()
    prefill, call = Runner.prefill, getattr(Runner, request.param)

    def noting(runner: Runner, prompts: Sequence[Prompt]) -> None:
        for prompt in prompts:
            (poisoned.add if prompt.sampling.top_k == POISON.top_k else poisoned.discard)(prompt.slot)
        prefill(runner, prompts)

    def failing(runner: Runner, rows: Sequence[Any], *arguments: Any) -> Any:
        result = (noting if call is prefill else call)(runner, rows, *arguments)
        if poisoned.intersection(row if isinstance(row, int) else row.slot for row in rows):
            raise MemoryError("no room for this step")
        return result

    monkeypatch.setattr(Runner, "prefill", noting)
    monkeypatch.setattr(Runner, request.param, failing)


@pytest.mark.usefixtures("poisonous")
def test_only_the_request_that_fails_its_steps_ends(engine: Engine) -> None:
    expected = speak(engine, SENTENCE, whole=True)
    bystanders = [engine.submit(SpeechRequest(SENTENCE, whole=True)) for _ in range(4)]
    poison = engine.submit(SpeechRequest(SENTENCE, POISON, whole=True))
    bystanders += [engine.submit(SpeechRequest(SENTENCE, whole=True)) for _ in range(4)]
    with pytest.raises(EngineFailed, match="a step failed twice with this request"):
        list(poison)
    for speech in bystanders:
        (clip,) = speech
        assert clip.samples.shape == expected.shape
        assert np.abs(clip.samples - expected).max() <= 1e-5
    assert engine.statistics().counters.failed == 1


@pytest.mark.usefixtures("poisonous")
def test_streams_that_have_emitted_audio_end_and_all_slots_are_free_again(engine: Engine) -> None:
    expected = speak(engine, SENTENCE)
    heard = engine.submit(SpeechRequest(LONG_TEXT))
    next(iter(heard))
    poison = engine.submit(SpeechRequest(SENTENCE, POISON))
    with pytest.raises(EngineUnavailable, match="the engine failed while it spoke this text; retry after 1 s"):
        list(heard)
    with pytest.raises(EngineFailed):
        list(poison)
    assert np.abs(speak(engine, SENTENCE) - expected).max() <= 1e-5
    wait_until(lambda: engine.statistics().active_slots == 0)
    assert engine.statistics().counters.step_failures == 2


@pytest.mark.usefixtures("poisonous")
def test_several_suspects_are_tried_one_after_the_other(engine: Engine) -> None:
    poisons = [engine.submit(SpeechRequest(SENTENCE, POISON, whole=True)) for _ in range(3)]
    good = engine.submit(SpeechRequest(LONG_TEXT, whole=True))
    for poison in poisons:
        with pytest.raises(EngineFailed):
            list(poison)
    assert [chunk.final for chunk in good] == [True]
    assert engine.statistics().open_requests == 0


def test_a_step_that_fails_without_any_request_ends_the_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("no room at all")

    monkeypatch.setattr("engine.scheduling.scheduler.Scheduler.schedule", fail)
    with pytest.raises(EngineFailed, match="the engine failed"):
        list(engine.submit(SpeechRequest(SENTENCE)))
