"""What many requests that come at once do to the streams that are running."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

import numpy as np

from perf.percentile import percentile
from perf.stream import SECONDS_PER_STATE, Stream

CHUNKS_BEFORE_BURST = 3
"""Chunks that every running stream has sent when the newcomers arrive."""

_ROUNDING = 1e-6  # of sums of seconds


@dataclass(frozen=True)
class BurstRun:
    """One run: `newcomers` were sent at `time`, or nobody was, for comparison."""

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
    repeats: tuple[tuple[BurstRun, BurstRun], ...]  # without and with the burst

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
            repeats=tuple(repeats),
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
