"""Everything that a run has found out."""

from dataclasses import dataclass, field

from perf.burst import Burst
from perf.clips import Speed
from perf.long_text import LongText
from perf.streaming import Streaming


@dataclass(frozen=True)
class Facts:
    """Where and with what it ran."""

    device: str  # cpu or cuda
    dtype: str  # of the engine; upstream chooses its own
    processor: str
    cores: int
    gpu: str | None
    python: str
    torch: str
    threads: int  # of PyTorch's
    soprano_tts: str
    transformers: str
    commit: str
    date: str


@dataclass(frozen=True)
class MatrixSpeed:
    """The best that one way of multiplying got out of one of the model's sizes."""

    outputs: int
    inputs: int
    rows: int
    dtype: str
    method: str  # linear, or prepacked: with oneDNN's weight layout
    gflops: float  # a second


@dataclass(frozen=True)
class MachineSpeed:
    """What the machine can do, by measurement."""

    read_bandwidth: float  # bytes a second
    matrices: tuple[MatrixSpeed, ...]

    def peak(self, dtype: str, rows: int | None = None) -> float | None:
        """Return the best GFLOP/s in `dtype`, at so many rows or at any; None if it was not measured."""
        speeds = [each.gflops for each in self.matrices if each.dtype == dtype and rows in (None, each.rows)]
        return max(speeds, default=None)


@dataclass(frozen=True)
class DecodeStep:
    """The language model's step, with the sampler's."""

    rows: int
    seconds: float


@dataclass(frozen=True)
class DecoderStep:
    """A call of the audio decoder."""

    rows: int
    states: int
    seconds: float


@dataclass(frozen=True)
class StepTimes:
    """Medians."""

    dtype: str
    parameters: int  # of the language model's matrices
    weight_bytes: int
    decode: tuple[DecodeStep, ...]
    decoder: tuple[DecoderStep, ...]

    def step(self, rows: int) -> float | None:
        """Return the seconds of a decode step with so many rows, if that was measured."""
        return next((step.seconds for step in self.decode if step.rows == rows), None)

    def gflops(self, step: DecodeStep) -> float:
        """Return the speed of a step's matrix products in GFLOP/s."""
        return 2e-9 * self.parameters * step.rows / step.seconds


@dataclass(frozen=True)
class Memory:
    """Peaks of a process in bytes; those of the GPU are 0 where none is used."""

    resident: int
    gpu_allocated: int
    gpu_reserved: int


@dataclass
class Contender:
    """One of the two that are compared."""

    whole: list[Speed] = field(default_factory=list)
    streaming: list[Streaming] = field(default_factory=list)
    memory: Memory | None = None  # after the above

    def speed(self, concurrency: int) -> Speed | None:
        """Return the speed at so many texts at once, if that was measured."""
        return next((speed for speed in self.whole if speed.concurrency == concurrency), None)

    def streams(self, concurrency: int) -> Streaming | None:
        """Return the figures of so many streams at once, if that was measured."""
        return next((streaming for streaming in self.streaming if streaming.concurrency == concurrency), None)


@dataclass
class Results:
    """What has been measured so far; what has not is empty or None."""

    facts: Facts
    checkpoint: str
    synthetic: bool
    slots: int
    repeats: int
    engine: Contender = field(default_factory=Contender)
    upstream: Contender = field(default_factory=Contender)
    burst: Burst | None = None
    long_text: LongText | None = None
    machine: MachineSpeed | None = None
    steps: StepTimes | None = None
    other_load: float = 0.0  # processors that other programs kept busy meanwhile; above 0, the figures suffer
    failures: dict[str, str] = field(default_factory=dict)  # by scenario
