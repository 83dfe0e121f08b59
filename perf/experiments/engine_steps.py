"""The durations of single model steps, and the limits of the machine: memory bandwidth and matrix products."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.checkpoint.files import read_config
from engine.checkpoint.load import load
from engine.model.config import LanguageModelConfig
from engine.model.linear import Linear
from engine.model.operators import Operators
from engine.request import SamplingParameters
from engine.runtime.cuda_graphs import CudaGraphExecution
from engine.runtime.device import torch_device, torch_dtype
from engine.runtime.execution import EagerExecution, Execution
from engine.runtime.model_runner import Prompt, Runner
from perf.engine_measurements import DecoderStep, DecodeStep, MachineSpeed, MatrixSpeed, StepTimes

_PROMPT_TOKENS = 120
_SHORTEST_PROMPT = 20
_PROMPT_SHAPES = 40
_WARM_UP = 10
_STEPS = 40  # at positions 130 to 170 of the context, 150 on average
_DECODER_CALLS = 15
_PREFILL_TOKENS = 512
_MAX_NEW = 512
_TEXT_TOKENS = 60  # the smallest number that a checkpoint has
_READ_BYTES = 512 << 20  # much more than the size of any cache
_READS = 9
_WEIGHTS = 17  # of one size, used in turn like the layers of a model, so that caches do not help
_LEAST_SECONDS = 0.1
_LEAST_CYCLES = 3


def measure_steps(
    checkpoint: Path,
    device: str,
    dtype: str,
    batches: Sequence[int] = (1, 4, 8, 16, 32, 64),
    decoder_shapes: Sequence[tuple[int, int]] = ((1, 4), (1, 16), (16, 4), (16, 16), (64, 16)),
    operators: Operators | None = None,
) -> StepTimes:
    """Return the median seconds of a decode step for each batch, and of a decoder call for each (rows, states).

    The models use `operators`, by default what suits the device. Raises `CheckpointError` or `InvalidSettings`.
    """
    precision = torch_dtype(dtype, torch_device(device))
    slots = max(*batches, *(rows for rows, _ in decoder_shapes))
    runner = _runner(checkpoint, device, precision, slots, _PROMPT_TOKENS, operators)
    vocabulary = LanguageModelConfig.from_json(read_config(checkpoint)).vocab_size
    parameters = sum(matrix.parameters for matrix in language_model_matrices(checkpoint))
    return StepTimes(
        dtype=str(precision).removeprefix("torch."),
        parameters=parameters,
        weight_bytes=parameters * precision.itemsize,
        decode=tuple(DecodeStep(rows, _decode_seconds(runner, rows, vocabulary)) for rows in batches),
        decoder=tuple(
            DecoderStep(rows, states, _decoder_seconds(runner, rows, states)) for rows, states in decoder_shapes
        ),
    )


@dataclass(frozen=True)
class PromptTimes:
    """Seconds for batches of prompts, each of a shape that was not seen before, and for the same again."""

    first: tuple[float, ...]
    again: tuple[float, ...]


def measure_prompts(checkpoint: Path, device: str, dtype: str) -> PromptTimes:
    """Read batches of two prompts with many different lengths. Raises `CheckpointError` or `InvalidSettings`."""
    runner = _runner(checkpoint, device, torch_dtype(dtype, torch_device(device)), 2, _PROMPT_TOKENS)
    vocabulary = LanguageModelConfig.from_json(read_config(checkpoint)).vocab_size
    lengths = [(_SHORTEST_PROMPT + 2 * index, _PROMPT_TOKENS - index) for index in range(_PROMPT_SHAPES)]

    def seconds() -> Iterator[float]:
        for pair in lengths:
            prompts = [_prompt(slot, vocabulary, length) for slot, length in enumerate(pair)]
            yield _median_seconds(runner, lambda prompts=prompts: runner.prefill(prompts), warm_up=0, number=1)  # type: ignore[misc]

    return PromptTimes(tuple(seconds()), tuple(seconds()))


def _runner(
    checkpoint: Path,
    device: str,
    dtype: torch.dtype,
    slots: int,
    max_prompt: int,
    operators: Operators | None = None,
) -> Runner:
    chosen = torch_device(device)
    execution: Execution = CudaGraphExecution(chosen) if chosen.type == "cuda" else EagerExecution()
    execution.operators = operators or execution.operators
    runner = Runner(
        load(checkpoint, dtype=dtype, device=chosen),
        slots=slots,
        max_prompt=max_prompt,
        max_new=_MAX_NEW,
        dtype=dtype,
        execution=execution,
    )
    runner.warm_up()
    return runner


def _decode_seconds(runner: Runner, rows: int, vocabulary: int) -> float:
    """Start `rows` sentences and return the median duration of a decode step."""
    group = _PREFILL_TOKENS // _PROMPT_TOKENS
    for first in range(0, rows, group):
        runner.prefill([_prompt(slot, vocabulary) for slot in range(first, min(first + group, rows))])
    return _median_seconds(runner, lambda: runner.draw(range(rows), 1), warm_up=_WARM_UP, number=_STEPS)


def _decoder_seconds(runner: Runner, rows: int, states: int) -> float:
    """Return the median duration of a call that decodes `states` for each of `rows` running sentences."""
    return _median_seconds(runner, lambda: runner.decode_audio(range(rows), states)(), warm_up=2, number=_DECODER_CALLS)


def _prompt(slot: int, vocabulary: int, length: int = _PROMPT_TOKENS) -> Prompt:
    """A sentence of text tokens, which are at the end of the vocabulary; each slot gets different ones."""
    tokens = [vocabulary - 1 - (7 * slot + 3 * index) % _TEXT_TOKENS for index in range(length)]
    return Prompt(slot, tokens, 0, len(tokens), SamplingParameters(), seed=slot, limit=_MAX_NEW, guarded=False)


def _median_seconds(runner: Runner, work: Callable[[], object], *, warm_up: int, number: int) -> float:
    """Return the median duration of `work` on the device."""
    times = []
    for index in range(warm_up + number):
        start = time.perf_counter()
        work()
        if runner.device.type == "cuda":
            torch.cuda.synchronize(runner.device)
        if index >= warm_up:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


@dataclass(frozen=True)
class Matrix:
    """The weight of a projection, `outputs` x `inputs`; the model has `number` of this size."""

    outputs: int
    inputs: int
    number: int

    @property
    def parameters(self) -> int:
        """The parameters of all of them."""
        return self.outputs * self.inputs * self.number


def language_model_matrices(checkpoint: Path) -> tuple[Matrix, ...]:
    """Return the projections; q, k, v are merged, and so are gate, up. The embedding is left out: steps read few rows.

    Raises `CheckpointError`.
    """
    config = LanguageModelConfig.from_json(read_config(checkpoint))
    size, layers = config.hidden_size, config.num_hidden_layers
    queries, keys = (heads * config.head_dim for heads in (config.num_attention_heads, config.num_key_value_heads))
    return (
        Matrix(queries + 2 * keys, size, layers),
        Matrix(size, queries, layers),
        Matrix(2 * config.intermediate_size, size, layers),
        Matrix(size, config.intermediate_size, layers),
        Matrix(config.vocab_size, size, 1),
    )


@torch.inference_mode()
def measure_machine(device: str, matrices: Sequence[Matrix], rows: Sequence[int]) -> MachineSpeed:
    """Measure the read bandwidth, and each matrix size with each number of rows by each method."""
    speeds = [
        MatrixSpeed(matrix.outputs, matrix.inputs, count, str(dtype).removeprefix("torch."), method, gflops)
        for matrix in matrices
        for dtype in (torch.bfloat16, torch.float32)
        for method, count, gflops in _matrix_speeds(matrix, dtype, torch.device(device), rows)
    ]
    return MachineSpeed(_read_bandwidth(torch.device(device)), tuple(speeds))


def _read_bandwidth(device: torch.device) -> float:
    data = torch.ones(_READ_BYTES // 4, device=device)
    data.sum()
    return data.nbytes / statistics.median(_seconds(data.sum, device) for _ in range(_READS))


def _matrix_speeds(
    matrix: Matrix, dtype: torch.dtype, device: torch.device, rows: Sequence[int]
) -> Iterator[tuple[str, int, float]]:
    """Yield method, rows and GFLOP/s."""
    weights = [torch.randn(matrix.outputs, matrix.inputs, device=device, dtype=dtype) for _ in range(_WEIGHTS)]
    for method, multiply in _methods(weights, device):
        for count in rows:
            x = torch.randn(count, matrix.inputs, device=device, dtype=dtype)
            product = 2e-9 * count * matrix.outputs * matrix.inputs
            yield method, count, product * _WEIGHTS / _best_cycle(partial(multiply, x), device)


def _methods(weights: Sequence[Tensor], device: torch.device) -> Iterator[tuple[str, Callable[[Tensor], None]]]:
    """Yield functions that multiply by each of `weights` once, with their names."""

    def linear(x: Tensor) -> None:
        for weight in weights:
            F.linear(x, weight)

    yield "linear", linear
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return
    packed = [Linear(weight) for weight in weights]

    def prepacked(x: Tensor) -> None:
        for multiply in packed:
            multiply(x)

    yield "prepacked", prepacked


def _best_cycle(work: Callable[[], None], device: torch.device) -> float:
    """Return the seconds of the fastest of several runs."""
    work()
    times: list[float] = []
    while len(times) < _LEAST_CYCLES or sum(times) < _LEAST_SECONDS:
        times.append(_seconds(work, device))
    return min(times)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    _synchronize(device)
    start = time.perf_counter()
    work()
    _synchronize(device)
    return time.perf_counter() - start


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
