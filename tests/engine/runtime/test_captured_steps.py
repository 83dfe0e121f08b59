"""Replayed graphs, which run one step ahead of the host, give the same audio as eager calls.

Recorded operators stand in for CUDA graphs: they are replayed on the same memory. Operators that a CUDA graph cannot
capture fail here too.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.checkpoint.load import load
from engine.engine import Engine
from engine.model.operators import Operators
from engine.request import SamplingParameters, SpeechRequest
from engine.runtime.execution import EagerExecution, Execution
from engine.runtime.model_runner import Prompt, Row, Runner
from engine.settings import EngineSettings
from tests.engine.conftest import speak
from tests.engine.recorded import RecordedExecution
from tests.waiting import wait_until

TEXTS = [
    "Hello you.",
    "This is a sentence of some length, ok?",
    "The quick brown fox jumps over the lazy dog and runs away from it.",
    "It cost $2.47 on 3/4/2024. Dr. Smith paid at 12:30! Was it worth the money that he paid for it?",
]


@pytest.fixture(scope="module")
def recorded() -> RecordedExecution:
    return RecordedExecution()


@pytest.fixture(scope="module")
def captured(tiny_checkpoint: Path, recorded: RecordedExecution) -> Iterator[Engine]:
    settings = EngineSettings(
        checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, slots=6, prefill_tokens=48, max_wait=600
    )
    with Engine(settings, execution=recorded) as engine:
        recorded.warm = True
        yield engine


def samples(engine: Engine, requests: list[SpeechRequest]) -> list[NDArray[np.float32]]:
    """Speak all requests at the same time."""
    speeches = [engine.submit(request) for request in requests]
    return [np.concatenate([chunk.samples for chunk in speech]) for speech in speeches]


def test_captured_equals_eager(captured: Engine, engine: Engine, recorded: RecordedExecution) -> None:
    requests = [SpeechRequest(text, whole=index % 2 == 0) for index, text in enumerate(TEXTS * 4)]
    alone = [speak(engine, text) for text in TEXTS]
    for index, audio in enumerate(samples(captured, requests)):
        expected = alone[index % len(TEXTS)]
        assert audio.shape == expected.shape
        assert np.abs(audio - expected).max() <= 1e-5
    assert recorded.replays > 100


def test_captured_draws_equal_eager_ones(captured: Engine, engine: Engine) -> None:
    drawing = [SpeechRequest(text, SamplingParameters(temperature=0.7, seed=seed)) for seed, text in enumerate(TEXTS)]
    for audio, request in zip(samples(captured, [*drawing, SpeechRequest(TEXTS[1])]), drawing, strict=False):
        expected = speak(engine, request.text, temperature=0.7, seed=request.sampling.seed or 0)
        assert audio.shape == expected.shape
        assert np.abs(audio - expected).max() <= 1e-5


def test_draws_from_the_whole_vocabulary_need_no_graph(captured: Engine, engine: Engine) -> None:
    everything = SamplingParameters(temperature=0.7, seed=3, top_k=0)
    audio, _ = samples(captured, [SpeechRequest(TEXTS[0], everything), SpeechRequest(TEXTS[1])])
    expected = speak(engine, TEXTS[0], temperature=0.7, seed=3, top_k=0)
    assert audio.shape == expected.shape
    assert np.abs(audio - expected).max() <= 1e-5


def test_cancelling_while_results_are_pending_leaves_other_requests_unchanged(captured: Engine, engine: Engine) -> None:
    expected = speak(engine, TEXTS[2])
    for _ in range(5):
        doomed = [captured.submit(SpeechRequest(text)) for text in TEXTS]
        kept = captured.submit(SpeechRequest(TEXTS[2]))
        next(iter(doomed[0]))
        for speech in doomed:
            speech.cancel()
        audio = np.concatenate([chunk.samples for chunk in kept])
        assert audio.shape == expected.shape
        assert np.abs(audio - expected).max() <= 1e-5
    wait_until(lambda: captured.statistics().open_requests == 0)
    assert captured.statistics().active_slots == 0


def test_a_sentence_at_its_token_limit_fits(captured: Engine) -> None:
    parameters = SamplingParameters(temperature=2.0, top_p=1.0, repetition_penalty=0.1, retries=2)
    (chunk,) = captured.submit(SpeechRequest("word " * 60, parameters, whole=True))
    assert chunk.audio_tokens <= 512


def test_weights_in_bfloat16_can_be_captured_too(tiny_checkpoint: Path) -> None:
    recorded = RecordedExecution()
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), dtype="bfloat16", threads=1, slots=2)
    with Engine(settings, execution=recorded) as engine:
        recorded.warm = True
        assert np.abs(speak(engine, TEXTS[0])).max() > 0.01
    assert load(tiny_checkpoint, dtype=torch.bfloat16, device=torch.device("cpu")).decoder.head.dtype == torch.float32


def test_a_gpu_without_kernels_gives_the_same(tiny_checkpoint: Path, engine: Engine) -> None:
    recorded = RecordedExecution()
    recorded.operators = Operators()
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, slots=4, max_wait=600)
    requests = [SpeechRequest(text, SamplingParameters(temperature=0.7, seed=1)) for text in TEXTS]
    with Engine(settings, execution=recorded) as captured:
        recorded.warm = True
        for audio, request in zip(samples(captured, requests), requests, strict=True):
            expected = speak(engine, request.text, temperature=0.7, seed=1)
            assert audio.shape == expected.shape
            assert np.abs(audio - expected).max() <= 1e-5


def test_prompts_of_any_number_and_length_can_be_captured(tiny_checkpoint: Path) -> None:
    short, long = [3, 1, 1010, 2], [3, 1, *range(1010, 1060), 2]

    def chunk(slot: int, tokens: list[int], begin: int = 0, end: int | None = None) -> Prompt:
        return Prompt(slot, tokens, begin, end or len(tokens), SamplingParameters(), 0, limit=8, guarded=True)

    def spoken(execution: Execution) -> list[Row]:
        runner = Runner(
            load(tiny_checkpoint, dtype=torch.float32, device=torch.device("cpu")),
            slots=20,
            max_prompt=100,
            max_new=16,
            dtype=torch.float32,
            execution=execution,
        )
        runner.warm_up()
        if isinstance(execution, RecordedExecution):
            execution.warm = True
        last = len(long) - 1
        runner.prefill([chunk(slot, long, 0, last) for slot in range(1, 20)])
        runner.prefill([chunk(0, short), *(chunk(slot, long, last) for slot in range(1, 20))])  # 19 of one token
        return runner.beat(range(20), 8).read()

    for row, expected in zip(spoken(RecordedExecution()), spoken(EagerExecution()), strict=True):
        assert row[:3] == expected[:3]
        assert np.abs(row.audio - expected.audio).max() <= 1e-5
