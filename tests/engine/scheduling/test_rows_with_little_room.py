"""No row writes beyond its limit, even if the host schedules it, and no row changes another."""

from collections.abc import Callable
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
from tests.engine.conftest import speak
from tests.engine.recorded import RecordedExecution

SLOTS = 5

Slots = frozenset[int]
Step = tuple[Slots, Slots]  # slots whose sentences begin, and slots that are decoded

slots = st.frozensets(st.integers(0, SLOTS - 1))
steps = st.lists(st.tuples(slots, slots), min_size=1, max_size=14)


class Runners:
    """Runners of one checkpoint; they are reused, so that slots contain the state of earlier sentences."""

    def __init__(self, path: Path) -> None:
        self._checkpoint = load(path, dtype=torch.float32, device=torch.device("cpu"))
        self.get = cache(self._new)

    def _new(self, execution: Callable[[], Execution], max_new: int) -> Runner:
        runner = Runner(
            self._checkpoint, slots=SLOTS, max_prompt=40, max_new=max_new, dtype=torch.float32, execution=execution()
        )
        runner.warm_up([4])
        return runner


@pytest.fixture(scope="module")
def runners(tiny_checkpoint: Path) -> Runners:
    torch.set_num_threads(1)  # other tests may have set more, which would compete for the cores
    return Runners(tiny_checkpoint)


def prompt(slot: int) -> Prompt:
    """Return a prompt for a slot; slot 1 samples from the whole vocabulary."""
    tokens = [3, 1, *range(1010, 1013 + slot), 2]
    temperature, top_k = (0.7, 0) if slot == 1 else (0.0, 50)
    return Prompt(slot, tokens, 0, len(tokens), SamplingParameters(temperature, top_p=1.0, top_k=top_k), seed=slot)


def spoken(runner: Runner, max_new: int, plan: list[Step]) -> list[tuple[int, list[int]]]:
    """Return the slot of each sentence, and its tokens up to its limit."""
    sentences: list[tuple[int, list[int]]] = []
    latest: dict[int, list[int]] = {}
    for begun, decoded in plan:
        if begun:
            prompts = [prompt(slot) for slot in sorted(begun)]
            for slot, token in zip(sorted(begun), runner.prefill(prompts)().tokens, strict=True):
                latest[slot] = [int(token)]
                sentences.append((slot, latest[slot]))
        rows = sorted(decoded & latest.keys())
        if rows:
            for slot, token in zip(rows, runner.decode(rows)().tokens, strict=True):
                if len(latest[slot]) < max_new:
                    latest[slot].append(int(token))
    return sentences


def spoken_alone(runner: Runner, slot: int, count: int) -> list[int]:
    only = frozenset({slot})
    plan: list[Step] = [(only, frozenset()), *[(Slots(), only)] * (count - 1)]
    return spoken(runner, count, plan)[0][1]


@pytest.mark.parametrize("execution", [EagerExecution, RecordedExecution])
@settings(max_examples=25, deadline=None)
@given(max_new=st.integers(1, 3), plan=steps)
def test_rows_beyond_their_limit_write_nowhere(
    runners: Runners, execution: Callable[[], Execution], max_new: int, plan: list[Step]
) -> None:
    alone = runners.get(EagerExecution, 4)
    for slot, tokens in spoken(runners.get(execution, max_new), max_new, plan):
        assert tokens == spoken_alone(alone, slot, len(tokens))


def test_prompt_without_room_is_refused_before_it_is_read(runners: Runners) -> None:
    long = Prompt(0, [3, 1, *[1010] * 40, 2], 0, 43, SamplingParameters(), seed=0)
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
