"""A beat is the same as its steps one by one, whoever else takes part."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.checkpoint.load import Checkpoint, load
from engine.model.sentence_table import Ending
from engine.request import SamplingParameters
from engine.runtime.execution import EagerExecution
from engine.runtime.model_runner import Prompt, Row, Runner
from engine.speech import Samples, pcm16

LIMIT = 16


@pytest.fixture(scope="module")
def loaded(tiny_checkpoint: Path) -> Checkpoint:
    return load(tiny_checkpoint, dtype=torch.float32, device=torch.device("cpu"))


def new_runner(loaded: Checkpoint, *, quantise: bool = False) -> Runner:
    return Runner(
        loaded,
        slots=4,
        max_prompt=40,
        max_new=60,
        dtype=torch.float32,
        execution=EagerExecution(),
        quantise=quantise,
    )


def prompt(slot: int, length: int, begin: int = 0, end: int | None = None, limit: int = LIMIT) -> Prompt:
    tokens = [3, 1, *range(1010, 1010 + length), 2]
    end = end or len(tokens)
    return Prompt(slot, tokens, begin, end, SamplingParameters(), seed=0, limit=limit, guarded=False)


class Heard:
    """What beats have made of some slots."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._pieces: dict[int, list[Samples]] = {}
        self.rows: dict[int, Row] = {}

    def beat(self, *slots: int, steps: int = 4) -> None:
        for slot, row in zip(slots, self._runner.beat(slots, steps).read(), strict=True):
            self.rows[slot] = row
            self._pieces.setdefault(slot, []).append(row.audio)

    def audio(self, slot: int) -> NDArray[np.float32]:
        return np.concatenate(self._pieces[slot]).astype(np.float32)


@pytest.fixture(scope="module")
def expected(loaded: Checkpoint) -> NDArray[np.float32]:
    """The audio of the sentence of 8 tokens, alone."""
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8)])
    heard = Heard(runner)
    for _ in range(6):
        heard.beat(0)
    assert heard.rows[0][:3] == (LIMIT, Ending.LIMIT, True)
    return heard.audio(0)


def assert_same(actual: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    assert actual.shape == expected.shape == ((LIMIT - 1) * 2048,)
    assert np.abs(actual - expected).max() <= 1e-5


@pytest.mark.parametrize("lengths", [[1] * 24, [16, 8], [4, 1, 2, 8, 16], [3, 5, 7, 9]])
def test_beats_of_any_length_make_the_same_audio(
    loaded: Checkpoint, expected: NDArray[np.float32], lengths: list[int]
) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8)])
    heard = Heard(runner)
    for steps in lengths:
        heard.beat(0, steps=steps)
    assert heard.rows[0].complete
    assert_same(heard.audio(0), expected)


def test_a_prompt_may_be_read_in_chunks(loaded: Checkpoint, expected: NDArray[np.float32]) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8, 0, 5)])
    runner.prefill([prompt(0, 8, 5, 7), prompt(1, 9)])
    runner.prefill([prompt(0, 8, 7)])
    heard = Heard(runner)
    for _ in range(6):
        heard.beat(0, 1)
    assert_same(heard.audio(0), expected)


def test_rows_that_take_no_part_keep_their_state(loaded: Checkpoint, expected: NDArray[np.float32]) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8), prompt(1, 12), prompt(3, 5)])
    heard = Heard(runner)
    for beat in range(6):
        heard.beat(0)
        heard.beat(3, 1)  # row 0 idles, and the slots are not the first ones
        if beat == 2:
            runner.prefill([prompt(2, 20, 0, 9)])  # the first chunk, while others run
        if beat == 4:
            runner.prefill([prompt(2, 20, 9)])
    assert_same(heard.audio(0), expected)


@pytest.mark.parametrize("slots", [(3,), (1, 3), (3, 1), (0, 2, 3)])
def test_a_beat_may_have_any_slots(loaded: Checkpoint, expected: NDArray[np.float32], slots: tuple[int, ...]) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(slot, 8) for slot in slots])
    heard = Heard(runner)
    for _ in range(6):
        heard.beat(*slots)
    for slot in slots:
        assert_same(heard.audio(slot), expected)


def test_a_slot_keeps_nothing_of_an_earlier_sentence(loaded: Checkpoint, expected: NDArray[np.float32]) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 20)])
    runner.beat([0], 8).read()
    runner.prefill([prompt(0, 8)])
    heard = Heard(runner)
    for _ in range(6):
        heard.beat(0)
    assert_same(heard.audio(0), expected)


def test_a_sentence_that_has_ended_stays_as_it_is(loaded: Checkpoint) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8, limit=3)])
    heard = Heard(runner)
    for _ in range(3):
        heard.beat(0)
        assert heard.rows[0][:2] == (3, Ending.LIMIT)
    assert heard.audio(0).shape == (2 * 2048,)


def test_samples_are_quantised_on_the_device(loaded: Checkpoint, expected: NDArray[np.float32]) -> None:
    runner = new_runner(loaded, quantise=True)
    runner.prefill([prompt(0, 8)])
    pieces = [runner.beat([0], 4).read()[0].audio for _ in range(6)]
    assert {piece.dtype for piece in pieces} == {np.dtype(np.int16)}
    assert np.abs(np.concatenate(pieces).astype(int) - pcm16(expected)).max() <= 1


def test_a_beat_ends_with_the_step_in_which_it_is_interrupted(loaded: Checkpoint) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8)])
    news = iter([False, False, True])
    beat = runner.beat([0], 16, lambda: next(news))
    assert beat.steps == 3
    assert beat.read()[0].states == 3
    assert runner.beat([0], 2, lambda: True).steps == 1
