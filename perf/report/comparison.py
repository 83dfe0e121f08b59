"""Series beside each other, with the spread of their repeats, and how many listeners a server holds in real time."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perf.measurements import COUNTERPARTS, LoadPoint, Series, Spread


def measured(listed: Sequence[Series]) -> list[Series]:
    """Leave out series of which no repeat was measured."""
    return [series for series in listed if series.points]


def named(listed: Sequence[Series], name: str) -> Series | None:
    """Return the series of that name, if it was measured."""
    return next((series for series in measured(listed) if series.name == name), None)


@dataclass(frozen=True)
class Group:
    """Series that are compared with one of ours."""

    ours: Series
    others: tuple[Series, ...]


def groups(listed: Sequence[Series]) -> list[Group]:
    """Put the series that were measured beside what each is compared with: its counterpart, or else the first."""
    known = measured(listed)
    partners = {series.name: named(known, COUNTERPARTS.get(series.name, "")) or known[0] for series in known}
    leaders = [series for series in known if series is known[0] or series.name in COUNTERPARTS.values()]
    return [
        Group(ours, tuple(each for each in known if each not in leaders and partners[each.name] is ours))
        for ours in leaders
    ]


def speed(series: Series) -> Spread:
    """Return the times real time of its repeats."""
    return Spread.of([point.times_real_time for point in series.points])


def ratio(ours: Series, theirs: Series) -> Spread | None:
    """Return how many times as fast ours is, repeat by repeat, as both met the same disturbances in each.

    None if a run was broken off, so that one has more repeats than the other, or if theirs made no audio.
    """
    if len(ours.points) != len(theirs.points) or not all(point.times_real_time for point in theirs.points):
        return None
    pairs = zip(ours.points, theirs.points, strict=True)
    return Spread.of([mine.times_real_time / other.times_real_time for mine, other in pairs])


def cost(share: Spread) -> Spread:
    """Return the part of the throughput that something takes, 0 to 1; below 0, it was faster with it.

    `share` is the throughput with it over that without.
    """
    return Spread(1 - share.median, 1 - share.most, 1 - share.least)


def tail(series: Series) -> tuple[str, float] | None:
    """Return the 95th percentile that matters to its users, with its name: seconds, the median of the repeats.

    That is the time to first audio of what is streamed, and the latency of what comes whole.
    """
    streamed = any(point.gap for point in series.points)
    percentiles = [point.first_audio if streamed else point.latency for point in series.points]
    values = [each.p95 for each in percentiles if each]
    return ("first audio" if streamed else "latency", statistics.median(values)) if values else None


@dataclass(frozen=True)
class Audience:
    """Those who wanted to listen under one load."""

    point: LoadPoint
    wanted: float
    """How many wanted to at once. For a rate of requests, on average: by Little's law, the rate times the seconds that
    each of them listens."""

    @property
    def requests(self) -> int:
        """All that were sent."""
        return self.point.spoken + self.point.refused + self.point.failed

    @property
    def content(self) -> int:
        """Requests that were heard to their end without a stall."""
        return self.point.spoken - self.point.stalled

    @property
    def all_content(self) -> bool:
        """Whether that was everybody."""
        return self.content == self.requests

    def listeners(self, requests: int) -> float:
        """Return the share of the audience, in listeners, that this number of requests was."""
        return self.wanted * requests / self.requests


def audiences(points: Sequence[LoadPoint]) -> list[Audience]:
    """Return the audience of each point, from the smallest on.

    The points are either all numbers of clients or all rates; without any audio, that of a rate is unknown and left
    out. The length of a clip is taken from all points at which everything was spoken, as refusals may favour some.
    """
    seconds = _seconds_each([point for point in points if not point.refused + point.failed]) or _seconds_each(points)
    wanted = [point.load.clients or (point.load.rate or 0.0) * seconds for point in points]
    return sorted(
        (Audience(point, number) for point, number in zip(points, wanted, strict=True) if number),
        key=lambda audience: audience.wanted,
    )


def _seconds_each(points: Sequence[LoadPoint]) -> float:
    """Return the seconds of audio of one request, on average."""
    requests = sum(point.requests_per_second for point in points)
    return sum(point.times_real_time for point in points) / requests if requests else 0.0


@dataclass(frozen=True)
class Capacity:
    """The most listeners of whom everyone was heard to the end, without a stall or a refusal."""

    held: Audience | None
    """None if no audience was content."""
    exceeded: Audience | None
    """The next larger one; None if none was too large."""
    exceptions: tuple[Audience, ...]
    """Smaller ones, of whom not everyone was content all the same."""

    @classmethod
    def of(cls, listed: Sequence[Audience]) -> Self:
        """Find it among audiences from the smallest on."""
        contents = [index for index, audience in enumerate(listed) if audience.all_content]
        after = contents[-1] + 1 if contents else 0
        return cls(
            held=listed[after - 1] if contents else None,
            exceeded=next(iter(listed[after:]), None),
            exceptions=tuple(audience for audience in listed[:after] if not audience.all_content),
        )

    def __str__(self) -> str:
        if self.held:
            at_least = "" if self.exceeded else "at least "
            number = int(self.held.wanted)
            return f"holds {at_least}{number} {'listener' if number == 1 else 'listeners'} in real time"
        return f"holds fewer than {self.exceeded.wanted:.1f} listeners" if self.exceeded else "holds an unknown number"
