"""How long the models' steps take by themselves, without scheduler, requests or listeners."""

import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.checkpoint.load import load
from engine.model.decoder import UNKNOWN_LENGTH
from engine.request import SamplingParameters
from engine.runtime.cuda_graphs import CudaGraphExecution
from engine.runtime.device import torch_device, torch_dtype
from engine.runtime.execution import EagerExecution
from engine.runtime.model_runner import DecoderInput, Prompt, Runner, SampledTokens
from engine.settings import EngineSettings
from perf.matrices import language_model_matrices
from perf.results import DecoderStep, DecodeStep, StepTimes

_PROMPT_TOKENS = 120
_WARM_UP = 10
_STEPS = 40  # from position 130 to 170 of the context, so that they read about 150
_DECODER_CALLS = 15
_PREFILL_TOKENS = 512
_MAX_NEW = 512
_TEXT_TOKENS = 60  # the fewest that a checkpoint has


def measure_steps(
    checkpoint: Path,
    device: str,
    dtype: str,
    batches: Sequence[int] = (1, 4, 8, 16, 32, 64),
    decoder_shapes: Sequence[tuple[int, int]] = ((1, 4), (1, 32), (16, 4), (16, 32), (64, 32)),
) -> StepTimes:
    """Return the median seconds of a decode step for each batch, and of a decoder call for each (rows, states).

    Raises `CheckpointError` or `InvalidSettings`.
    """
    settings = EngineSettings(device=device, dtype=dtype)
    chosen = torch_device(settings.device)
    precision = torch_dtype(settings.dtype, chosen)
    loaded = load(checkpoint, dtype=precision, device=chosen)
    runner = Runner(
        loaded,
        slots=max(*batches, *(rows for rows, _ in decoder_shapes)),
        max_prompt=_PROMPT_TOKENS,
        max_new=_MAX_NEW,
        dtype=precision,
        execution=CudaGraphExecution(chosen) if chosen.type == "cuda" else EagerExecution(),
    )
    runner.warm_up(sorted({states for _, states in decoder_shapes}))
    parameters = sum(matrix.parameters for matrix in language_model_matrices(checkpoint))
    return StepTimes(
        dtype=str(precision).removeprefix("torch."),
        parameters=parameters,
        weight_bytes=parameters * precision.itemsize,
        decode=tuple(DecodeStep(rows, _decode_seconds(runner, rows, loaded.config.vocab_size)) for rows in batches),
        decoder=tuple(
            DecoderStep(rows, states, _decoder_seconds(runner, rows, states)) for rows, states in decoder_shapes
        ),
    )


def _decode_seconds(runner: Runner, rows: int, vocabulary: int) -> float:
    """Start `rows` sentences and return the median of their decode steps, read as late as the engine reads them."""
    group = _PREFILL_TOKENS // _PROMPT_TOKENS
    for first in range(0, rows, group):
        runner.prefill([_prompt(slot, vocabulary) for slot in range(first, min(first + group, rows))])()
    unread: deque[Callable[[], SampledTokens]] = deque()

    def step() -> None:
        unread.append(runner.decode(range(rows)))
        if len(unread) > runner.execution.lag:
            unread.popleft()()

    seconds = _median_seconds(step, warm_up=_WARM_UP, number=_STEPS)
    for read in unread:
        read()
    return seconds


def _decoder_seconds(runner: Runner, rows: int, states: int) -> float:
    """Return the median of feeding `states` to each of `rows` sentences that are under way."""
    inputs = [DecoderInput(slot, begin=states, count=states, length=UNKNOWN_LENGTH) for slot in range(rows)]
    return _median_seconds(lambda: runner.decode_audio(inputs)(), warm_up=2, number=_DECODER_CALLS)


def _prompt(slot: int, vocabulary: int) -> Prompt:
    """A sentence of text tokens, which stand at the end of the vocabulary; each slot has other ones."""
    tokens = [vocabulary - 1 - (7 * slot + 3 * index) % _TEXT_TOKENS for index in range(_PROMPT_TOKENS)]
    return Prompt(slot, tokens, 0, len(tokens), SamplingParameters(), seed=slot)


def _median_seconds(work: Callable[[], object], *, warm_up: int, number: int) -> float:
    times = []
    for index in range(warm_up + number):
        start = time.perf_counter()
        work()
        if index >= warm_up:
            times.append(time.perf_counter() - start)
    return statistics.median(times)
