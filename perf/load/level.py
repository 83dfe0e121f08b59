"""What a server did under one load."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from perf.load.load import Load
from perf.load.outcome import Fate, Outcome
from perf.percentile import percentile
from perf.stream import Stream

STALL = 0.05
"""Seconds of silence from which on a listener notices; what is shorter is a matter of the network's timing."""


@dataclass(frozen=True)
class Percentiles:
    """Of many values; by the nearest rank."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self | None:
        """Return None if there are no values."""
        return cls(percentile(values, 0.5), percentile(values, 0.95), percentile(values, 0.99)) if values else None


@dataclass(frozen=True)
class Level:
    """Figures of all requests that were sent under one load; seconds.

    What has no value, because nothing was spoken or because clips came whole, is None.
    """

    load: Load
    spoken: int
    refused: int
    failed: int
    times_real_time: float  # seconds of audio that were made a second, while the load lasted
    requests_per_second: float  # that were spoken to their end
    latency: Percentiles | None  # from sending to the end
    first_audio: Percentiles | None
    gap: Percentiles | None  # between two chunks
    real_time_factor: Percentiles | None  # seconds from sending to the end, for each second of audio
    stalled: int  # listeners who ran dry at least once
    stall: Percentiles | None  # seconds of silence of a listener, in all

    @classmethod
    def of(cls, load: Load, outcomes: Sequence[Outcome]) -> Self:
        """Sum up the requests of one run. Raises `ValueError` if there are none."""
        if not outcomes:
            raise ValueError("there are no figures of no requests")
        streams = [outcome.stream for outcome in outcomes if outcome.stream is not None]
        begin, end = window(load, outcomes)
        return cls(
            load=load,
            spoken=sum(outcome.fate is Fate.SPOKEN for outcome in outcomes),
            refused=sum(outcome.fate is Fate.REFUSED for outcome in outcomes),
            failed=sum(outcome.fate is Fate.FAILED for outcome in outcomes),
            times_real_time=_within(streams, begin, end, lambda stream: stream.audio) / (end - begin),
            requests_per_second=_within(streams, begin, end, lambda _: 1.0) / (end - begin),
            latency=Percentiles.of([stream.ended - stream.sent for stream in streams]),
            first_audio=Percentiles.of([stream.first_audio for stream in streams]),
            gap=Percentiles.of([gap for stream in streams for gap in stream.gaps]),
            real_time_factor=Percentiles.of([(stream.ended - stream.sent) / stream.audio for stream in streams]),
            stalled=sum(stream.stall > STALL for stream in streams),
            stall=Percentiles.of([stream.stall for stream in streams]),
        )


def window(load: Load, outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Return the time in which the load was whole: from the first request until the last one was sent.

    From then on clients leave without new ones coming, so that the server has less and less to do. A single wave of
    requests has no such time; there it lasts until everything has ended.
    """
    begin, last = min(outcome.sent for outcome in outcomes), max(outcome.sent for outcome in outcomes)
    one_wave = load.clients is not None and len(outcomes) <= load.clients
    return begin, max(outcome.ended for outcome in outcomes) if one_wave or last == begin else last


def _within(streams: Sequence[Stream], begin: float, end: float, amount: Callable[[Stream], float]) -> float:
    """Add up the share of each stream that falls between the two, as if it was made evenly while it was open."""
    return sum(amount(stream) * _overlap(stream, begin, end) for stream in streams)


def _overlap(stream: Stream, begin: float, end: float) -> float:
    """Return the part of the time in which a stream was open that lies between the two, 0 to 1."""
    return max(0.0, min(end, stream.ended) - max(begin, stream.sent)) / (stream.ended - stream.sent)
