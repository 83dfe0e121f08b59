"""What a server did under one load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perf.load.load import Load
from perf.load.outcome import Fate, Outcome
from perf.percentile import percentile

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
    times_real_time: float  # seconds of audio a second, from the first request to the end of the last answer
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
        # To the last answer, though clients leave before: what a request has had while others were served before it
        # cannot be told, so that any shorter time would flatter servers that let requests wait.
        seconds = max(outcome.ended for outcome in outcomes) - min(outcome.sent for outcome in outcomes)
        return cls(
            load=load,
            spoken=sum(outcome.fate is Fate.SPOKEN for outcome in outcomes),
            refused=sum(outcome.fate is Fate.REFUSED for outcome in outcomes),
            failed=sum(outcome.fate is Fate.FAILED for outcome in outcomes),
            times_real_time=sum(stream.audio for stream in streams) / seconds if streams else 0.0,
            requests_per_second=len(streams) / seconds if streams else 0.0,
            latency=Percentiles.of([stream.ended - stream.sent for stream in streams]),
            first_audio=Percentiles.of([stream.first_audio for stream in streams]),
            gap=Percentiles.of([gap for stream in streams for gap in stream.gaps]),
            real_time_factor=Percentiles.of([(stream.ended - stream.sent) / stream.audio for stream in streams]),
            stalled=sum(stream.stall > STALL for stream in streams),
            stall=Percentiles.of([stream.stall for stream in streams]),
        )
