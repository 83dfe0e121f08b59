"""The results of the experiment on the engine."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Annotated, Self

import numpy as np
from pydantic import Field

from measuring.engine_client import Clips
from measuring.host import Facts, Memory
from measuring.stream import SECONDS_PER_STATE, Stream
from measuring.verdicts import Verdict
from perf.measurements import percentile

_ROUNDING = 1e-6  # seconds: the rounding error of sums


@dataclass(frozen=True)
class Speed:
    """The speed at `concurrency` texts at once, over all repeats."""

    concurrency: int
    times_real_time: float  # the median
    repeats: tuple[Clips, ...]

    @classmethod
    def of(cls, concurrency: int, repeats: Sequence[Clips]) -> Self:
        """Take the median."""
        return cls(concurrency, statistics.median(clips.times_real_time for clips in repeats), tuple(repeats))


@dataclass(frozen=True)
class Streaming:
    """Figures of `concurrency` streams at once, over all streams of all repeats."""

    concurrency: int
    streams: int
    first_audio_p50: float  # seconds
    first_audio_p99: float
    times_real_time: float  # in total; the median of the repeats
    stalled: int  # streams with at least one underrun
    worst_stall: float  # seconds, of one stream
    least_buffered: Annotated[float, Field(alias="smallest_lead")]
    """Seconds of audio in the buffer when the next chunk arrived; negative if it was late."""

    @classmethod
    def of(cls, concurrency: int, repeats: Sequence[Sequence[Stream]]) -> Self:
        """Combine the repeats."""
        streams = [stream for repeat in repeats for stream in repeat]
        first = [stream.first_audio for stream in streams]
        return cls(
            concurrency=concurrency,
            streams=len(streams),
            first_audio_p50=percentile(first, 0.5),
            first_audio_p99=percentile(first, 0.99),
            times_real_time=statistics.median(map(times_real_time, repeats)),
            stalled=sum(stream.stall > 0 for stream in streams),
            worst_stall=max(stream.stall for stream in streams),
            least_buffered=min(stream.least_buffered() for stream in streams),
        )


def times_real_time(streams: Sequence[Stream]) -> float:
    """Return the seconds of audio per second, from the first request to the last chunk."""
    seconds = max(stream.ended for stream in streams) - min(stream.sent for stream in streams)
    return sum(stream.audio for stream in streams) / seconds


@dataclass(frozen=True)
class BurstRun:
    """One run: `newcomers` were sent at `time`. The quiet run has no newcomers."""

    time: float
    running: tuple[Stream, ...]
    newcomers: tuple[Stream, ...]


@dataclass(frozen=True)
class Gap:
    """The wait for one chunk of a running stream, with the burst and, for the same audio, without it; in seconds."""

    crowded: float
    quiet: float
    slower_steps: float  # the part of the delay that comes from slower steps with more rows

    @property
    def delay(self) -> float:
        """How much longer the wait was."""
        return self.crowded - self.quiet


@dataclass(frozen=True)
class Burst:
    """The figures of all repeats, in seconds. If each repeat has a figure of its own, this is the median."""

    running: int
    newcomers: int
    quiet_step: float  # of the decode steps without the burst
    crowded_step: float  # of the decode steps after the burst
    longest_gap: float  # between chunks of a running stream after the burst
    longest_gap_quiet: float  # before the same audio, without the burst
    delay: float  # of the most delayed chunk
    delay_steps: float  # the same, in decode steps of the run without the burst
    delay_of_slower_steps: float  # the part of `delay` that comes from slower steps with more rows
    least_buffered: Annotated[float, Field(alias="smallest_lead")]  # of any running stream, after the burst
    least_buffered_quiet: Annotated[float, Field(alias="smallest_lead_quiet")]
    first_audio_p50: float  # of the newcomers
    first_audio_p99: float

    @classmethod
    def of(cls, repeats: Sequence[tuple[BurstRun, BurstRun]]) -> Self:
        """Compare the runs of each repeat, the quiet one first."""
        longest = [max(_gaps(quiet, crowded), key=lambda gap: gap.crowded) for quiet, crowded in repeats]
        delayed = [max(_gaps(quiet, crowded), key=lambda gap: gap.delay) for quiet, crowded in repeats]
        first = [stream.first_audio for _, crowded in repeats for stream in crowded.newcomers]
        quiet_step = statistics.median(_step(quiet) for quiet, _ in repeats)
        delay = statistics.median(gap.delay for gap in delayed)
        return cls(
            running=len(repeats[0][1].running),
            newcomers=len(repeats[0][1].newcomers),
            quiet_step=quiet_step,
            crowded_step=statistics.median(_step(crowded) for _, crowded in repeats),
            longest_gap=statistics.median(gap.crowded for gap in longest),
            longest_gap_quiet=statistics.median(gap.quiet for gap in longest),
            delay=delay,
            delay_steps=delay / quiet_step,
            delay_of_slower_steps=statistics.median(gap.slower_steps for gap in delayed),
            least_buffered=min(_least_buffered(crowded) for _, crowded in repeats),
            least_buffered_quiet=min(_least_buffered(quiet) for quiet, _ in repeats),
            first_audio_p50=percentile(first, 0.5),
            first_audio_p99=percentile(first, 0.99),
        )


def _gaps(quiet: BurstRun, crowded: BurstRun) -> Iterator[Gap]:
    """Yield every wait of a running stream that ended after the burst.

    It is compared with the wait for the same audio without the burst, not for the chunk with the same number: the
    engine cuts chunks by the buffered seconds of the listener, so the chunks of the two runs may differ.
    """
    slower = _step(crowded) - _step(quiet)
    for alone, stream in zip(quiet.running, crowded.running, strict=True):
        heard = _audio_by_chunk(stream)
        made = np.interp(heard, _audio_by_chunk(alone), [arrival.time for arrival in alone.arrivals])
        for index, gap in enumerate(stream.gaps):
            begin, end = heard[index : index + 2]
            if stream.arrivals[index + 1].time > crowded.time and end <= alone.audio + _ROUNDING:
                yield Gap(gap, float(made[index + 1] - made[index]), slower * (end - begin) / SECONDS_PER_STATE)


def _audio_by_chunk(stream: Stream) -> list[float]:
    """Seconds of audio that the listener has received with each chunk."""
    return list(accumulate(arrival.audio for arrival in stream.arrivals))


def _step(run: BurstRun) -> float:
    """The median duration of the engine's steps after the time of the burst, by the engine's own count."""
    return statistics.median(
        gap / steps
        for stream in run.running
        for arrival, gap, steps in zip(stream.arrivals[1:], stream.gaps, stream.gap_steps, strict=True)
        if arrival.time > run.time and steps > 0
    )


def _least_buffered(run: BurstRun) -> float:
    return min(stream.least_buffered(since=run.time) for stream in run.running)


@dataclass(frozen=True)
class LongTextRun:
    """One repeat, in seconds. The first audio was measured several times, for the two texts in turn."""

    first_audio: tuple[float, ...]
    first_audio_short: tuple[float, ...]
    whole: float
    audio: float  # of the whole clip
    longest_sentence: float  # to make its longest sentence alone, as a whole clip


@dataclass(frozen=True)
class LongText:
    """The medians of all repeats, in seconds."""

    characters: int
    characters_short: int
    first_audio: float
    first_audio_short: float
    whole: float
    audio: float
    longest_sentence: float

    @classmethod
    def of(cls, text: str, short: str, runs: Sequence[LongTextRun]) -> Self:
        """Take the medians."""
        return cls(
            characters=len(text),
            characters_short=len(short),
            first_audio=statistics.median(seconds for run in runs for seconds in run.first_audio),
            first_audio_short=statistics.median(seconds for run in runs for seconds in run.first_audio_short),
            whole=statistics.median(run.whole for run in runs),
            audio=statistics.median(run.audio for run in runs),
            longest_sentence=statistics.median(run.longest_sentence for run in runs),
        )

    def allowed(self, times_real_time: float) -> float:
        """Return twice the time of the longest sentence plus the text's share at `times_real_time`."""
        return 2 * self.longest_sentence + self.audio / times_real_time


@dataclass(frozen=True)
class MatrixSpeed:
    """The best speed of one method of multiplication with one of the model's matrix sizes."""

    outputs: int
    inputs: int
    rows: int
    dtype: str
    method: str  # linear, or prepacked in oneDNN's weight layout
    gflops: float  # a second


@dataclass(frozen=True)
class MachineSpeed:
    """The measured speed of the machine."""

    read_bandwidth: float  # bytes a second
    matrices: tuple[MatrixSpeed, ...]

    def peak(self, dtype: str, rows: int | None = None) -> float | None:
        """Return the best GFLOP/s in `dtype` with `rows` rows, or with any number; None if it was not measured."""
        speeds = [each.gflops for each in self.matrices if each.dtype == dtype and rows in (None, each.rows)]
        return max(speeds, default=None)


@dataclass(frozen=True)
class DecodeStep:
    """A step of the language model and the sampler."""

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
    """Medians of the durations of steps."""

    dtype: str
    parameters: int  # of the language model's matrices
    weight_bytes: int
    decode: tuple[DecodeStep, ...]
    decoder: tuple[DecoderStep, ...]

    def step(self, rows: int) -> float | None:
        """Return the seconds of a decode step of `rows` rows; None if it was not measured."""
        return next((step.seconds for step in self.decode if step.rows == rows), None)

    def gflops(self, step: DecodeStep) -> float:
        """Return the speed of a step's matrix products in GFLOP/s."""
        return 2e-9 * self.parameters * step.rows / step.seconds


@dataclass
class Contender:
    """The results of one of the two compared systems."""

    whole: list[Speed] = field(default_factory=list)
    streaming: list[Streaming] = field(default_factory=list)
    memory: Memory | None = None  # after the speed measurements

    def speed(self, concurrency: int) -> Speed | None:
        """Return the speed with `concurrency` texts at once; None if it was not measured."""
        return next((speed for speed in self.whole if speed.concurrency == concurrency), None)

    def streams(self, concurrency: int) -> Streaming | None:
        """Return the figures of `concurrency` streams at once; None if they were not measured."""
        return next((streaming for streaming in self.streaming if streaming.concurrency == concurrency), None)


@dataclass
class Results:
    """The results so far; those that were not measured are empty or None."""

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
    other_load: float = 0.0  # processors that other programs used during the run; above 0, the figures are worse
    failures: dict[str, str] = field(default_factory=dict)  # by scenario
    verdicts: list[Verdict] = field(default_factory=list)
