"""Everything that is worth knowing of the engine on a GPU, in one run of few minutes.

Each part is saved as soon as it is measured, so that a run that is cut keeps what it has.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch.profiler import ProfilerActivity, profile

from engine.checkpoint.synthetic import write_synthetic
from engine.engine import Engine
from engine.loading import load_engine
from engine.model.operators import Operators
from engine.request import SpeechRequest
from engine.settings import EngineSettings
from measuring.command import say
from measuring.host import Facts, examine
from measuring.prose import sentences
from perf.command import RESULTS, QuickOption, ResultsOption, end, experiment
from perf.engine_measurements import StepTimes
from perf.experiments.engine_steps import PromptTimes, measure_prompts, measure_steps
from perf.load_generators.core_load import CoreLoad, Throughput
from perf.measurements import STALL, Percentiles
from perf.report.results import save

_TEXTS = 256
_LONG = 5  # sentences of a listener's text
_FIRST_AUDIO_TRIALS = 30
_KERNELS = 25
_PROFILED_TURNS = 12  # of the engine's loop: in five of them, a GPU reads the prompts of 1,024 clips


@dataclass(frozen=True)
class Differences:
    """The largest differences of samples in float32."""

    from_the_cpu: float
    streamed_from_whole: float
    batched_from_alone: float


@dataclass(frozen=True)
class KernelError:
    """The largest difference of a kernel on the GPU from what it stands for on the CPU; infinity if integers differ."""

    kernel: str
    dtype: str
    error: float


@dataclass(frozen=True)
class Memory:
    """Bytes on the device, with all graphs captured; `device` has the driver's in it."""

    slots: int
    allocated: int
    reserved: int
    device: int
    start_seconds: float


@dataclass(frozen=True)
class Streams:
    """Listeners in real time."""

    at_once: int
    slots: int
    heard: int
    first_audio: Percentiles | None
    stalled: int
    """Listeners that waited for audio, for longer than they notice."""


@dataclass(frozen=True)
class Kernel:
    """The work of a kernel in a profile."""

    name: str
    calls: int
    milliseconds: float


@dataclass
class GpuResults:
    """The measurements so far."""

    facts: Facts
    kernel_errors: list[KernelError] = field(default_factory=list)
    differences: Differences | None = None
    steps: StepTimes | None = None
    steps_without_kernels: StepTimes | None = None
    prompts: PromptTimes | None = None
    memory: list[Memory] = field(default_factory=list)
    first_request: float | None = None
    """Seconds until the first audio of the first request after the start."""
    first_audio: Percentiles | None = None
    throughput: list[Throughput] = field(default_factory=list)
    streams: list[Streams] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each part took."""


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    slots: Sequence[int] = (64, 256, 1024)
    rows: Sequence[int] = (1, 64, 256, 1024)
    clips_per_slot: int = 4
    streams: int = 1000
    stream_seconds: float = 20.0


_QUICK = Sizes(slots=(4,), rows=(1, 4), clips_per_slot=1, streams=2, stream_seconds=2.0)


class Measurement:
    """Measures part after part, until `deadline` (by `time.monotonic`) has passed."""

    def __init__(
        self, checkpoint: Path, device: str, sizes: Sizes, file: Callable[[GpuResults], Path], deadline: float
    ) -> None:
        self.results = GpuResults(examine(device, "auto"))
        self.path = file(self.results)
        self._checkpoint = checkpoint
        self._settings = EngineSettings(
            checkpoint=str(checkpoint), device=self.results.facts.device, max_requests=1 << 20, max_wait=1e9
        )
        self._sizes = sizes
        self._file = file
        self._deadline = deadline

    def run(self) -> None:
        """Measure all parts."""
        self._part("kernels", self._check_kernels)
        self._part("differences", self._compare)
        self._part("steps", self._measure_steps)
        self._part("prompts", self._measure_prompts)
        for slots in self._sizes.slots:
            self._part(f"{slots} slots", lambda slots=slots: self._load(slots))  # type: ignore[misc]

    def _part(self, name: str, measure: Callable[[], None]) -> None:
        begun = time.monotonic()
        if begun > self._deadline:
            say(f"no time left for: {name}")
            return
        say(name)
        measure()
        self.results.seconds[name] = time.monotonic() - begun
        self._file(self.results)

    def _check_kernels(self) -> None:
        if not torch.cuda.is_available():
            return
        from perf.kernel_cases import PUBLISHED, cases

        for dtype in (torch.float32, torch.bfloat16):
            for case in cases(PUBLISHED, dtype):
                error = case.error(torch.device(self._settings.device))
                self.results.kernel_errors.append(KernelError(case.name, str(dtype).removeprefix("torch."), error))

    def _compare(self) -> None:
        texts = sentences(6)
        exact = replace(self._settings, dtype="float32", slots=8)
        with Engine(replace(exact, device="cpu")) as engine:
            expected = [_alone(engine, text, whole=True) for text in texts]
        with Engine(exact) as engine:
            whole = [_alone(engine, text, whole=True) for text in texts]
            streamed = [_alone(engine, text) for text in texts]
            batched = _together(engine, texts)
        self.results.differences = Differences(
            _difference(whole, expected), _difference(streamed, whole), _difference(batched, whole)
        )

    def _measure_steps(self) -> None:
        rows = self._sizes.rows
        shapes = [(number, states) for number in rows for states in (4, 8)]
        about = (self._checkpoint, self._settings.device, "auto", rows, shapes)
        self.results.steps = measure_steps(*about)
        if torch.cuda.is_available():
            self._file(self.results)
            self.results.steps_without_kernels = measure_steps(*about, operators=Operators())

    def _measure_prompts(self) -> None:
        self.results.prompts = measure_prompts(self._checkpoint, self._settings.device, "auto")

    def _load(self, slots: int) -> None:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()  # of the engine before
        begun = time.perf_counter()
        loaded = load_engine(replace(self._settings, slots=slots), quantise=True)
        started = time.perf_counter() - begun
        self.results.memory.append(_memory(slots, started))
        made = sentences(_TEXTS)
        load = CoreLoad(loaded, made)
        if self.results.first_request is None:
            self.results.first_request = load.first_audio()
            self.results.first_audio = Percentiles.of([load.first_audio() for _ in range(_FIRST_AUDIO_TRIALS)])
            self._file(self.results)
        for clips in (slots, self._sizes.clips_per_slot * slots):
            self.results.throughput.append(load.throughput(clips))
            self._file(self.results)
        if slots == max(self._sizes.slots):
            self._listen(CoreLoad(loaded, [" ".join(made[i : i + _LONG]) for i in range(0, _TEXTS, _LONG)]), slots)
            self.results.kernels = _profiled(load, slots)

    def _listen(self, load: CoreLoad, slots: int) -> None:
        heard = load.streams(self._sizes.streams, self._sizes.stream_seconds)
        stalled = sum(stream.stall > STALL for stream in heard)
        first = Percentiles.of([stream.first_audio for stream in heard])
        self.results.streams.append(Streams(self._sizes.streams, slots, len(heard), first, stalled))
        self._file(self.results)


def _alone(engine: Engine, text: str, *, whole: bool = False) -> NDArray[np.float32]:
    return np.concatenate([chunk.samples for chunk in engine.submit(SpeechRequest(text, whole=whole))])


def _together(engine: Engine, texts: Sequence[str]) -> list[NDArray[np.float32]]:
    speeches = [engine.submit(SpeechRequest(text, whole=True)) for text in texts]
    return [np.concatenate([chunk.samples for chunk in speech]) for speech in speeches]


def _difference(some: Sequence[NDArray[np.float32]], others: Sequence[NDArray[np.float32]]) -> float:
    """Return the largest difference; infinity if the lengths differ."""
    if [each.shape for each in some] != [each.shape for each in others]:
        return float("inf")
    return max(float(np.abs(one - other).max()) for one, other in zip(some, others, strict=True))


def _memory(slots: int, start_seconds: float) -> Memory:
    if not torch.cuda.is_available():
        return Memory(slots, 0, 0, 0, start_seconds)
    free, total = torch.cuda.mem_get_info()
    return Memory(slots, torch.cuda.memory_allocated(), torch.cuda.memory_reserved(), total - free, start_seconds)


def _profiled(load: CoreLoad, slots: int) -> list[Kernel]:
    """Profile the beginning of a batch of clips; return the kernels that take longest, or the operators on a CPU."""
    on_gpu = torch.cuda.is_available()
    with profile(activities=[ProfilerActivity.CUDA if on_gpu else ProfilerActivity.CPU]) as recorded:
        load.turns(slots, _PROFILED_TURNS)
    events = recorded.key_averages()
    kernels = [
        Kernel(event.key, event.count, (event.self_device_time_total if on_gpu else event.self_cpu_time_total) / 1000)
        for event in events
    ]
    return sorted(kernels, key=lambda kernel: -kernel.milliseconds)[:_KERNELS]


def main(
    checkpoint: Annotated[str, typer.Option(help="A directory; by default random weights of full size.")] = "",
    device: Annotated[str, typer.Option(help="`auto`, `cuda` or `cpu`.")] = "auto",
    seconds: Annotated[float, typer.Option(help="No part begins after so long.")] = 400.0,
    quick: QuickOption = False,
    results: ResultsOption = RESULTS,
) -> None:
    """Measure the engine on a GPU: correctness, steps, memory, throughput, 1,000 listeners, and a profile."""

    def file(measured: GpuResults) -> Path:
        return save(results / f"gpu-{'quick' if quick else measured.facts.device}.json", measured)

    with experiment(), tempfile.TemporaryDirectory() as directory:
        path = Path(checkpoint) if checkpoint else Path(directory) / "synthetic"
        if not checkpoint:
            write_synthetic(path, "tiny" if quick else "full")
        sizes = _QUICK if quick else Sizes()
        measurement = Measurement(path, device, sizes, file, time.monotonic() + seconds)
        measurement.run()
    end([measurement.path])
