"""What became of requests, and what they come to under one load."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from measuring.stream import Stream

STALL = 0.05
"""Seconds of silence from which on a listener notices; what is shorter is a matter of the network's timing."""
OUR_SPEECH = "this server, OpenAI's endpoint"
OUR_TRITON = "this server, Triton over HTTP"
UPSTREAM_SERVER = "upstream's server"
PLAIN_PORT = "plain Triton port, dynamic batching"
BARE_ENGINE = "bare engine"
"""Names of series that the report knows."""
COUNTERPARTS = {UPSTREAM_SERVER: OUR_SPEECH, PLAIN_PORT: OUR_TRITON}
"""With what each alternative is compared; any other, with the first of its list."""


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest of `values` that at least `share` (0 to 1) of them do not exceed: the nearest rank.

    So it is a value that was measured, and of few values the 99th percentile is the largest.
    """
    ascending = sorted(values)
    if not ascending:
        raise ValueError("there is no percentile of no values")
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


@dataclass(frozen=True)
class Load:
    """Either a number of clients, each of which sends its next request when the last one ended, or a rate of arrivals
    at random moments (a Poisson process), whether or not the server keeps up.
    """

    clients: int | None = None
    rate: float | None = None  # requests a second

    def __post_init__(self) -> None:
        """Check that it is one of the two. Raises `ValueError`."""
        if (self.clients is None) == (self.rate is None):
            raise ValueError("a load is a number of clients or a rate of requests: give one of them")

    def __str__(self) -> str:
        return f"{self.clients} clients" if self.rate is None else f"{self.rate:.2f} requests a second"


class Status(StrEnum):
    """How a request ended."""

    SPOKEN = "spoken"
    REFUSED = "refused"  # the server had no room for it, and said so before any audio
    FAILED = "failed"  # anything else: an error, or audio that broke off


@dataclass(frozen=True)
class RequestResult:
    """One request; times in seconds, on the clock of the program that sent it.

    `stream` is what its listener heard, for one that was spoken. A clip that comes whole is a stream of one chunk.
    """

    sent: float
    ended: float
    status: Status
    stream: Stream | None = None


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
class LoadPoint:
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
    stalled: int  # listeners with an underrun, by more than STALL
    stall: Percentiles | None  # seconds of silence of a listener, in all

    @classmethod
    def of(cls, load: Load, results: Sequence[RequestResult]) -> Self:
        """Sum up the requests of one run. Raises `ValueError` if there are none."""
        if not results:
            raise ValueError("there are no figures of no requests")
        streams = [result.stream for result in results if result.stream is not None]
        counts = Counter(result.status for result in results)
        # To the last answer, though clients leave before: what a request has had while others were served before it
        # cannot be told, so that any shorter time would flatter servers that let requests wait.
        seconds = max(result.ended for result in results) - min(result.sent for result in results)
        return cls(
            load=load,
            spoken=counts[Status.SPOKEN],
            refused=counts[Status.REFUSED],
            failed=counts[Status.FAILED],
            times_real_time=sum(stream.audio for stream in streams) / seconds if streams else 0.0,
            requests_per_second=len(streams) / seconds if streams else 0.0,
            latency=Percentiles.of([stream.ended - stream.sent for stream in streams]),
            first_audio=Percentiles.of([stream.first_audio for stream in streams]),
            gap=Percentiles.of([gap for stream in streams for gap in stream.gaps]),
            real_time_factor=Percentiles.of([(stream.ended - stream.sent) / stream.audio for stream in streams]),
            stalled=sum(stream.stall > STALL for stream in streams),
            stall=Percentiles.of([stream.stall for stream in streams]),
        )


@dataclass(frozen=True)
class Series:
    """One server, or one way to configure it, under the same load again and again, in turn with others."""

    name: str
    points: Annotated[tuple[LoadPoint, ...], Field(alias="levels")]
    """One for each repeat; `levels` in the files, which older runs have written too."""


@dataclass(frozen=True)
class Spread:
    """The median of the repeats, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Raises `ValueError` if there are no values."""
        return cls(statistics.median(values), min(values), max(values))
