"""Idle rows keep their state, and slots can be swapped."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.checkpoint.load import Checkpoint, load
from engine.request import SamplingParameters
from engine.runtime.execution import EagerExecution
from engine.runtime.model_runner import DecoderInput, Prompt, Runner


@pytest.fixture(scope="module")
def loaded(tiny_checkpoint: Path) -> Checkpoint:
    return load(tiny_checkpoint, dtype=torch.float32, device=torch.device("cpu"))


def new_runner(loaded: Checkpoint) -> Runner:
    return Runner(loaded, slots=4, max_prompt=40, max_new=60, dtype=torch.float32, execution=EagerExecution())


def prompt(slot: int, length: int, begin: int = 0, end: int | None = None) -> Prompt:
    tokens = [3, 1, *range(1010, 1010 + length), 2]
    return Prompt(slot, tokens, begin, end or len(tokens), SamplingParameters(), seed=0)


def speak(runner: Runner, slot: int, steps: int) -> list[int]:
    return [int(runner.decode([slot])().tokens[0]) for _ in range(steps)]


def test_chunked_prefill_gives_the_same_tokens(loaded: Checkpoint) -> None:
    whole, pieces = new_runner(loaded), new_runner(loaded)
    expected = [int(whole.prefill([prompt(0, 20)])().tokens[0]), *speak(whole, 0, 5)]
    assert len(pieces.prefill([prompt(0, 20, 0, 7)])().tokens) == 0
    assert len(pieces.prefill([prompt(0, 20, 7, 16), prompt(1, 9)])().tokens) == 1
    assert [int(pieces.prefill([prompt(0, 20, 16)])().tokens[0]), *speak(pieces, 0, 5)] == expected


def test_idle_rows_keep_their_state(loaded: Checkpoint) -> None:
    runner = new_runner(loaded)
    runner.prefill([prompt(0, 8)])
    expected = speak(runner, 0, 12)
    runner.prefill([prompt(0, 8), prompt(1, 12), prompt(3, 5)])
    spoken = []
    for step in range(12):
        spoken += speak(runner, 0, 1)
        if step % 3 == 0:
            runner.decode([3])()  # row 0 idles
        if step == 4:
            runner.prefill([prompt(2, 20, 0, 9)])()  # the first chunk, while others run
        if step == 8:
            runner.prefill([prompt(2, 20, 9)])()
    assert spoken == expected


def test_a_swap_exchanges_the_whole_state_of_two_slots(loaded: Checkpoint) -> None:
    still, moved = new_runner(loaded), new_runner(loaded)
    for runner in (still, moved):
        runner.prefill([prompt(0, 8), prompt(1, 12)])()
        for _ in range(6):
            runner.decode([0, 1])()
        runner.decode_audio([DecoderInput(0, 0, 4, 1 << 30), DecoderInput(1, 0, 4, 1 << 30)])()
    moved.swap(0, 3)
    moved.swap(1, 3)  # now 0 is in 1, and 1 in 3
    for _ in range(4):
        expected, actual = still.decode([0, 1])(), moved.decode([1, 3])()
        assert expected.tokens.tolist() == actual.tokens.tolist()
        assert np.allclose(expected.distances, actual.distances, atol=1e-2)
    waves = still.decode_audio([DecoderInput(0, 4, 4, 1 << 30), DecoderInput(1, 4, 4, 1 << 30)])()
    for wave, other in zip(
        waves, moved.decode_audio([DecoderInput(1, 4, 4, 1 << 30), DecoderInput(3, 4, 4, 1 << 30)])(), strict=True
    ):
        assert np.abs(wave - other).max() <= 1e-5
