"""Comparisons of series with the spread of their repeats, and the number of listeners that a server sustains."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perf.measurements import COUNTERPARTS, LoadPoint, Series, Spread


def measured(listed: Sequence[Series]) -> list[Series]:
    """Leave out series without a measured repeat."""
    return [series for series in listed if series.points]


def named(listed: Sequence[Series], name: str) -> Series | None:
    """Return the series with this name, if it was measured."""
    return next((series for series in measured(listed) if series.name == name), None)


@dataclass(frozen=True)
class Group:
    """One of our series, and the series that are compared with it."""

    ours: Series
    others: tuple[Series, ...]


def groups(listed: Sequence[Series]) -> list[Group]:
    """Group the measured series by the series with which each is compared: its counterpart, or else the first one."""
    known = measured(listed)
    partners = {series.name: named(known, COUNTERPARTS.get(series.name, "")) or known[0] for series in known}
    leaders = [series for series in known if series is known[0] or series.name in COUNTERPARTS.values()]
    return [
        Group(ours, tuple(each for each in known if each not in leaders and partners[each.name] is ours))
        for ours in leaders
    ]


def speed(series: Series) -> Spread:
    """Return the times real time of the repeats."""
    return Spread.of([point.times_real_time for point in series.points])


def ratio(ours: Series, theirs: Series) -> Spread | None:
    """Return how many times faster `ours` is, repeat by repeat, because disturbances affect both in the same repeat.

    Return None if the numbers of repeats differ, as after an aborted run, or if `theirs` made no audio.
    """
    if len(ours.points) != len(theirs.points) or not all(point.times_real_time for point in theirs.points):
        return None
    pairs = zip(ours.points, theirs.points, strict=True)
    return Spread.of([mine.times_real_time / other.times_real_time for mine, other in pairs])


def cost(share: Spread) -> Spread:
    """Return the share of the throughput that something costs, 0 to 1; below 0 if it makes the server faster.

    `share` is the throughput with it divided by the throughput without it.
    """
    return Spread(1 - share.median, 1 - share.most, 1 - share.least)


def tail(series: Series) -> tuple[str, float] | None:
    """Return the name and the 95th percentile of the delay that matters to users: seconds, the median of the repeats.

    It is the time to first audio for streams, and the latency for whole clips.
    """
    streamed = any(point.gap for point in series.points)
    percentiles = [point.first_audio if streamed else point.latency for point in series.points]
    values = [each.p95 for each in percentiles if each]
    return ("first audio" if streamed else "latency", statistics.median(values)) if values else None


@dataclass(frozen=True)
class Audience:
    """The listeners under one load."""

    point: LoadPoint
    concurrency: float
    """The number of listeners at once. For a rate of requests it is an average by Little's law: the rate times the
    seconds of audio of a request."""

    @property
    def requests(self) -> int:
        """The number of all requests."""
        return self.point.spoken + self.point.refused + self.point.failed

    @property
    def satisfied(self) -> int:
        """The number of requests that were completely spoken without a stall."""
        return self.point.spoken - self.point.stalled

    @property
    def all_satisfied(self) -> bool:
        """Whether all requests were completely spoken without a stall."""
        return self.satisfied == self.requests

    def listeners(self, requests: int) -> float:
        """Convert a number of requests to the same share of the listeners."""
        return self.concurrency * requests / self.requests


def audiences(points: Sequence[LoadPoint]) -> list[Audience]:
    """Return the audience of each point, the smallest first.

    All points are numbers of clients, or all are rates. The audience of a rate is unknown if nothing was spoken, and is
    left out. The duration of a clip is the average of the points at which everything was spoken, because refusals may
    depend on the length.
    """
    seconds = _seconds_each([point for point in points if not point.refused + point.failed]) or _seconds_each(points)
    concurrency = [point.load.clients or (point.load.rate or 0.0) * seconds for point in points]
    return sorted(
        (Audience(point, number) for point, number in zip(points, concurrency, strict=True) if number),
        key=lambda audience: audience.concurrency,
    )


def _seconds_each(points: Sequence[LoadPoint]) -> float:
    """Return the average seconds of audio of a request."""
    requests = sum(point.requests_per_second for point in points)
    return sum(point.times_real_time for point in points) / requests if requests else 0.0


@dataclass(frozen=True)
class Capacity:
    """The largest audience that is satisfied: every request is spoken completely, without a stall or a refusal."""

    sustained: Audience | None
    """The largest satisfied audience; None if there is none."""
    exceeded: Audience | None
    """The next larger audience, which was not satisfied; None if no larger one was measured."""
    exceptions: tuple[Audience, ...]
    """Smaller audiences that were not satisfied either."""

    @classmethod
    def of(cls, listed: Sequence[Audience]) -> Self:
        """Find the capacity in `listed`, which has the smallest audience first."""
        contents = [index for index, audience in enumerate(listed) if audience.all_satisfied]
        after = contents[-1] + 1 if contents else 0
        return cls(
            sustained=listed[after - 1] if contents else None,
            exceeded=next(iter(listed[after:]), None),
            exceptions=tuple(audience for audience in listed[:after] if not audience.all_satisfied),
        )

    def __str__(self) -> str:
        if self.sustained:
            at_least = "" if self.exceeded else "at least "
            number = int(self.sustained.concurrency)
            return f"holds {at_least}{number} {'listener' if number == 1 else 'listeners'} in real time"
        return (
            f"holds fewer than {self.exceeded.concurrency:.1f} listeners"
            if self.exceeded
            else "holds an unknown number"
        )
