"""The results of requests, and the figures of all requests under one load."""

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
"""Seconds of silence that a listener notices; shorter ones come from the network's timing."""
OUR_SPEECH = "this server, OpenAI's endpoint"
OUR_TRITON = "this server, Triton over HTTP"
UPSTREAM_SERVER = "upstream's server"
PLAIN_PORT = "plain Triton port, dynamic batching"
BARE_ENGINE = "bare engine"
"""Names of series for which the report has sections."""
COUNTERPARTS = {UPSTREAM_SERVER: OUR_SPEECH, PLAIN_PORT: OUR_TRITON}
"""The series with which each alternative is compared; other series are compared with the first of their list."""


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest of `values` that is at least as large as `share` (0 to 1) of them: the nearest rank.

    The result is always a measured value; the 99th percentile of few values is the largest one.
    """
    ascending = sorted(values)
    if not ascending:
        raise ValueError("no values have no percentile")
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


@dataclass(frozen=True)
class Load:
    """Either a number of clients, each of which sends its next request when the last one has ended, or a rate.

    Requests of a rate arrive at random moments (a Poisson process), whether the server keeps up or not.
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
    REFUSED = "refused"  # the server had no capacity for it, and refused it before any audio
    FAILED = "failed"  # any other error, or incomplete audio


@dataclass(frozen=True)
class RequestResult:
    """One request; times in seconds, on the clock of the program that sent it.

    `stream` is the audio of a spoken request as its listener received it. A whole clip is a stream of one chunk.
    """

    sent: float
    ended: float
    status: Status
    stream: Stream | None = None


@dataclass(frozen=True)
class Percentiles:
    """Percentiles of a set of values, by the nearest rank."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self | None:
        """Return None if there are no values."""
        return cls(percentile(values, 0.5), percentile(values, 0.95), percentile(values, 0.99)) if values else None


@dataclass(frozen=True)
class LoadPoint:
    """The figures of all requests under one load, in seconds.

    A figure is None if nothing was spoken, or if it does not apply to whole clips.
    """

    load: Load
    spoken: int
    refused: int
    failed: int
    times_real_time: float  # seconds of audio per second, from the first request to the end of the last response
    requests_per_second: float  # completely spoken requests
    latency: Percentiles | None  # from sending the request to the end of the response
    first_audio: Percentiles | None
    gap: Percentiles | None  # between two chunks
    real_time_factor: Percentiles | None  # seconds from sending to the end, for each second of audio
    stalled: int  # listeners with more than STALL of silence in total
    stall: Percentiles | None  # seconds of silence of a listener, in total
    first_sound: Percentiles | None = None  # until a listener hears something; older runs have not measured it

    @classmethod
    def of(cls, load: Load, results: Sequence[RequestResult]) -> Self:
        """Combine the requests of one run. Raises `ValueError` if there are none."""
        if not results:
            raise ValueError("no requests have no figures")
        streams = [result.stream for result in results if result.stream is not None]
        counts = Counter(result.status for result in results)
        # Until the end of the last response, although some clients finish earlier: with any shorter time, servers that
        # let requests wait would look faster than they are.
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
            first_sound=Percentiles.of([stream.first_sound for stream in streams if stream.first_sound is not None]),
        )


@dataclass(frozen=True)
class Series:
    """The repeated measurements of one server, or of one configuration, under one load; others are measured in turn."""

    name: str
    points: Annotated[tuple[LoadPoint, ...], Field(alias="levels")]
    """One for each repeat; in files it is called `levels`, also in those of older runs."""


@dataclass(frozen=True)
class Spread:
    """The median, the smallest and the largest of the repeats."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Raises `ValueError` if there are no values."""
        return cls(statistics.median(values), min(values), max(values))
