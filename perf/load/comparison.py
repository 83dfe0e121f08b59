"""Series beside each other: how fast each is, with the spread of its repeats."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perf.load.results import COUNTERPARTS, Ratio, Series


@dataclass(frozen=True)
class Spread:
    """The median of some repeats, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Raises `ValueError` if there are no values."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Cost:
    """The part of the throughput that something takes, 0 to 1; below 0, it was faster with it."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, share: Ratio) -> Self:
        """`share` is the throughput with it over that without."""
        return cls(1 - share.median, 1 - share.most, 1 - share.least)


def measured(listed: Sequence[Series]) -> list[Series]:
    """Leave out series of which no repeat was measured."""
    return [series for series in listed if series.levels]


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
    return Spread.of([level.times_real_time for level in series.levels])


def ratio(ours: Series, theirs: Series) -> Ratio | None:
    """Return how many times as fast ours is; None if that cannot be told.

    It cannot if a run was broken off, so that one has more repeats than the other, or if theirs made no audio.
    """
    if len(ours.levels) != len(theirs.levels) or not all(level.times_real_time for level in theirs.levels):
        return None
    return Ratio.of(ours, theirs)


def tail(series: Series) -> tuple[str, float] | None:
    """Return the 95th percentile that matters to its users, with its name: seconds, the median of the repeats.

    That is the time to first audio of what is streamed, and the latency of what comes whole.
    """
    streamed = any(level.gap for level in series.levels)
    percentiles = [level.first_audio if streamed else level.latency for level in series.levels]
    values = [each.p95 for each in percentiles if each]
    return ("first audio" if streamed else "latency", statistics.median(values)) if values else None
