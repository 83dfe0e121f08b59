"""What the machine is, and what it can do: memory bandwidth and matrix products."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.linear import Linear
from engine.runtime.device import torch_device, torch_dtype
from engine.settings import EngineSettings
from perf.matrices import Matrix
from perf.results import Facts, MachineSpeed, MatrixSpeed

_READ_BYTES = 512 << 20  # far more than any cache holds
_READS = 9
_WEIGHTS = 17  # of one size, used in turn as a model's layers are, so that no cache flatters
_LEAST_SECONDS = 0.1
_LEAST_CYCLES = 3


def examine(device: str, dtype: str) -> Facts:
    """Describe this machine, with `auto` resolved as the engine does. Raises `InvalidSettings`."""
    settings = EngineSettings(device=device, dtype=dtype)
    chosen = torch_device(settings.device)
    return Facts(
        device=chosen.type,
        dtype=str(torch_dtype(settings.dtype, chosen)).removeprefix("torch."),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        gpu=torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else None,
        python=platform.python_version(),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        soprano_tts=version("soprano-tts"),
        transformers=version("transformers"),
        commit=_commit(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


@torch.inference_mode()
def measure_machine(device: str, matrices: Sequence[Matrix], rows: Sequence[int]) -> MachineSpeed:
    """Measure the read bandwidth, and every matrix size at every number of rows in every way there is."""
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
    """Yield the ways to multiply by all of `weights` once."""

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
    """Return the seconds of the fastest of some runs."""
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


def _processor() -> str:
    """The processor's name as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _commit() -> str:
    """The commit that is checked out, with a mark if files differ from it."""
    describe = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        described = subprocess.run(describe, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()
