"""No row writes beyond its limit, even if the host schedules it, and no row changes another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checkpoint.files import BUILTIN
from engine.checkpoint.load import load
from engine.engine import Engine
from engine.request import SamplingParameters, SpeechRequest
from engine.runtime.execution import EagerExecution, Execution
from engine.runtime.model_runner import Prompt, Runner
from engine.settings import EngineSettings
from engine.speech import Samples
from tests.engine.conftest import speak
from tests.engine.recorded import RecordedExecution

SLOTS = 5

Slots = frozenset[int]
Step = tuple[Slots, Slots, int]  # slots whose sentences begin, and slots that take part in a beat of so many steps

slots = st.frozensets(st.integers(0, SLOTS - 1))
plans = st.lists(st.tuples(slots, slots, st.sampled_from([4, 8])), min_size=1, max_size=10)


class Runners:
    """Runners of one checkpoint; they are reused, so that slots contain the state of earlier sentences."""

    def __init__(self, path: Path) -> None:
        self._checkpoint = load(path, dtype=torch.float32, device=torch.device("cpu"))
        self.get = cache(self._new)

    def _new(self, execution: Callable[[], Execution], max_new: int) -> Runner:
        runner = Runner(
            self._checkpoint, slots=SLOTS, max_prompt=40, max_new=max_new, dtype=torch.float32, execution=execution()
        )
        runner.warm_up()
        return runner


@pytest.fixture(scope="module")
def runners(tiny_checkpoint: Path) -> Runners:
    torch.set_num_threads(1)  # other tests may have set more, which would compete for the cores
    return Runners(tiny_checkpoint)


def prompt(slot: int) -> Prompt:
    """Return a prompt for a slot, of a sentence with more states than there is room for; slot 1 draws from all."""
    tokens = [3, 1, *range(1010, 1013 + slot), 2]
    temperature, top_k = (0.7, 0) if slot == 1 else (0.0, 50)
    sampling = SamplingParameters(temperature, top_p=1.0, top_k=top_k)
    return Prompt(slot, tokens, 0, len(tokens), sampling, seed=slot, limit=1000, guarded=False)


@dataclass
class Sentence:
    slot: int
    states: int = 0
    pieces: list[Samples] = field(default_factory=list)

    @property
    def audio(self) -> Samples:
        return np.concatenate(self.pieces) if self.pieces else np.zeros(0, dtype=np.float32)


def spoken(runner: Runner, plan: list[Step]) -> list[Sentence]:
    """Return all sentences that were begun."""
    sentences: list[Sentence] = []
    latest: dict[int, Sentence] = {}
    for begun, rows, steps in plan:
        if begun:
            runner.prefill([prompt(slot) for slot in sorted(begun)])
            latest |= {slot: Sentence(slot) for slot in sorted(begun)}
            sentences += [latest[slot] for slot in sorted(begun)]
        if chosen := sorted(rows & latest.keys()):
            for slot, row in zip(chosen, runner.beat(chosen, steps).read(), strict=True):
                latest[slot].states = row.states
                latest[slot].pieces.append(row.audio)
    return sentences


def spoken_alone(runner: Runner, slot: int) -> Sentence:
    only = frozenset({slot})
    (sentence,) = spoken(runner, [(only, frozenset(), 4), *[(Slots(), only, 4)] * 3])
    return sentence


@pytest.mark.parametrize("execution", [EagerExecution, RecordedExecution])
@settings(max_examples=20, deadline=None)
@given(max_new=st.integers(1, 3), plan=plans)
def test_rows_beyond_their_limit_write_nowhere(
    runners: Runners, execution: Callable[[], Execution], max_new: int, plan: list[Step]
) -> None:
    alone = runners.get(EagerExecution, max_new)
    for sentence in spoken(runners.get(execution, max_new), plan):
        assert sentence.states <= max_new
        expected = spoken_alone(alone, sentence.slot).audio[: len(sentence.audio)]
        assert sentence.audio.shape == expected.shape
        assert np.abs(sentence.audio - expected).max(initial=0.0) <= 1e-5


def test_prompt_without_room_is_refused_before_it_is_read(runners: Runners) -> None:
    long = Prompt(0, [3, 1, *[1010] * 40, 2], 0, 43, SamplingParameters(), seed=0, limit=2, guarded=False)
    with pytest.raises(ValueError, match="a prompt of 43 tokens; the limit is 40"):
        runners.get(EagerExecution, 2).prefill([long])


def test_real_sentences_at_their_limit_leave_other_requests_unchanged() -> None:
    neighbour = SpeechRequest("The neighbour is heard as if nobody else were there.")
    with Engine(EngineSettings(checkpoint=BUILTIN, dtype="float32", max_wait=600)) as engine:
        expected = speak(engine, neighbour.text)
        endless = engine.submit(SpeechRequest("He said hi. " * 300))
        heard = np.concatenate([chunk.samples for chunk in engine.submit(neighbour)])
        assert [chunk.final for chunk in endless][-1]
    assert heard.shape == expected.shape
    assert np.abs(heard - expected).max() <= 1e-5
