"""Every level of load that was measured, as lines of a CSV file."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from perf.load.level import Level, Percentiles
from perf.load.results import LoadResults, Series, TuningResults

_PARTS = ("whole", "whole_rates", "streamed", "speech", "speech_rates")
_PARTS_OF_SERIES = ("formats", "alternatives", "stages", "batching")
_COUNTS = ("spoken", "refused", "failed", "stalled", "times_real_time", "requests_per_second")
_SECONDS = ("latency", "first_audio", "gap", "real_time_factor", "stall")
_PERCENTILES = ("p50", "p95", "p99")
HEADINGS = (
    *("part", "series", "repeat", "clients", "rate"),
    *_COUNTS,
    *(f"{name}_{percentile}" for name in _SECONDS for percentile in _PERCENTILES),
)
"""`repeat` counts from 1; `series` is empty where there is only one, and what has no value is too."""


def save_level_table(file: Path, results: LoadResults, tuning: TuningResults | None = None) -> Path:
    """Write a line for each level of everything and return the file; times are in seconds."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(HEADINGS)
        for part, series, repeat, level in _levels(results, tuning):
            writer.writerow([part, series, repeat, *_figures(level)])
    return file


def _levels(results: LoadResults, tuning: TuningResults | None) -> Iterator[tuple[str, str, int, Level]]:
    """Yield part, series, repeat and level."""
    for part in _PARTS:
        yield from ((part, "", 1, level) for level in getattr(results, part))
    for part in _PARTS_OF_SERIES:
        yield from _repeats(part, getattr(results, part))
    for sweep in tuning.sweeps if tuning else ():
        yield from _repeats(f"tuning {sweep.setting}", sweep.series)


def _repeats(part: str, listed: Sequence[Series]) -> Iterator[tuple[str, str, int, Level]]:
    for series in listed:
        yield from ((part, series.name, repeat, level) for repeat, level in enumerate(series.levels, 1))


def _figures(level: Level) -> Iterator[object]:
    """Yield the columns that a level fills; the writer leaves a None empty."""
    yield from (level.load.clients, level.load.rate)
    yield from (getattr(level, name) for name in _COUNTS)
    for name in _SECONDS:
        percentiles: Percentiles | None = getattr(level, name)
        yield from (getattr(percentiles, each, None) for each in _PERCENTILES)
