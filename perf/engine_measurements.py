"""What the experiment on the engine has measured."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Self

import numpy as np

from measuring.engine_client import Clips
from measuring.host import Facts, Memory
from measuring.stream import SECONDS_PER_STATE, Stream
from measuring.verdicts import Verdict
from perf.measurements import percentile

_ROUNDING = 1e-6  # of sums of seconds


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
    stalled: int  # streams that ran out of audio at least once
    worst_stall: float  # seconds, of one stream
    smallest_lead: float  # seconds still to be played when the next chunk came; negative where it came too late

    @classmethod
    def of(cls, concurrency: int, repeats: Sequence[Sequence[Stream]]) -> Self:
        """Sum up the repeats."""
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
            smallest_lead=min(stream.smallest_lead() for stream in streams),
        )


def times_real_time(streams: Sequence[Stream]) -> float:
    """Return the seconds of audio a second, from the first request to the last chunk."""
    seconds = max(stream.ended for stream in streams) - min(stream.sent for stream in streams)
    return sum(stream.audio for stream in streams) / seconds


@dataclass(frozen=True)
class BurstRun:
    """One run: `newcomers` were sent at `time`; the quiet run has none."""

    time: float
    running: tuple[Stream, ...]
    newcomers: tuple[Stream, ...]


@dataclass(frozen=True)
class Gap:
    """The wait for one chunk of a running stream, and for the same audio in the run without the burst; seconds."""

    crowded: float
    quiet: float
    slower_steps: float  # what is due to the engine's steps being slower with more rows

    @property
    def delay(self) -> float:
        """How much longer the wait was."""
        return self.crowded - self.quiet


@dataclass(frozen=True)
class Burst:
    """Figures over all repeats; times in seconds. Where a repeat has one figure, the median of the repeats is given."""

    running: int
    newcomers: int
    quiet_step: float  # of the decode steps while only the running streams are there
    crowded_step: float  # of those after the burst
    longest_gap: float  # between chunks of a running stream after the burst
    longest_gap_quiet: float  # for the same audio, without the burst
    delay: float  # of the chunk that was delayed most
    delay_steps: float  # the same, in decode steps of the run without the burst
    delay_of_slower_steps: float  # the part of `delay` that lasts as long as there are more rows
    smallest_lead: float  # of any running stream, after the burst, in any repeat
    smallest_lead_quiet: float
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
            smallest_lead=min(_smallest_lead(crowded) for _, crowded in repeats),
            smallest_lead_quiet=min(_smallest_lead(quiet) for quiet, _ in repeats),
            first_audio_p50=percentile(first, 0.5),
            first_audio_p99=percentile(first, 0.99),
        )


def _gaps(quiet: BurstRun, crowded: BurstRun) -> Iterator[Gap]:
    """Every wait of a running stream that ended after the burst.

    It is compared with what the same audio took without the burst, not with the chunk of the same number: chunks need
    not be cut alike, since the engine cuts them by the listener's lead.
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
    """Seconds of audio that the listener has had by each chunk."""
    return list(accumulate(arrival.audio for arrival in stream.arrivals))


def _step(run: BurstRun) -> float:
    """The median duration of the engine's steps after the time of the burst, by its own count of them."""
    return statistics.median(
        gap / steps
        for stream in run.running
        for arrival, gap, steps in zip(stream.arrivals[1:], stream.gaps, stream.gap_steps, strict=True)
        if arrival.time > run.time and steps > 0
    )


def _smallest_lead(run: BurstRun) -> float:
    return min(stream.smallest_lead(since=run.time) for stream in run.running)


@dataclass(frozen=True)
class LongTextRun:
    """One repeat; seconds. The first audio was measured several times, of the two texts in turn."""

    first_audio: tuple[float, ...]
    first_audio_short: tuple[float, ...]
    whole: float
    audio: float  # in all
    longest_sentence: float  # to make it whole and alone


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
        """Return twice the longest sentence plus the text's share, of an engine that makes audio at that speed."""
        return 2 * self.longest_sentence + self.audio / times_real_time


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
        """Return the best GFLOP/s in `dtype` at `rows` rows, or at any; None if it was not measured."""
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
        """Return the seconds of a decode step of `rows` rows; None if it was not measured."""
        return next((step.seconds for step in self.decode if step.rows == rows), None)

    def gflops(self, step: DecodeStep) -> float:
        """Return the speed of a step's matrix products in GFLOP/s."""
        return 2e-9 * self.parameters * step.rows / step.seconds


@dataclass
class Contender:
    """One of the two that are compared."""

    whole: list[Speed] = field(default_factory=list)
    streaming: list[Streaming] = field(default_factory=list)
    memory: Memory | None = None  # after the above

    def speed(self, concurrency: int) -> Speed | None:
        """Return the speed at `concurrency` texts at once; None if it was not measured."""
        return next((speed for speed in self.whole if speed.concurrency == concurrency), None)

    def streams(self, concurrency: int) -> Streaming | None:
        """Return the figures of `concurrency` streams at once; None if they were not measured."""
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
    verdicts: list[Verdict] = field(default_factory=list)
