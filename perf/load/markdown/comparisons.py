"""Servers, formats and stages beside each other."""

from collections.abc import Iterator, Sequence

from perf.load.comparison import Cost, Group, groups, measured, ratio, speed, tail
from perf.load.markdown.table import percent, requests, spread, table
from perf.load.results import LoadResults, Series
from perf.load.targets import judge

_HEADINGS = (">requests", ">times real time")
_UNKNOWN = "not comparable"


def targets(results: LoadResults) -> Iterator[str]:
    """Yield what was aimed at, and whether it was met."""
    yield from ("## Targets", "")
    rows = [(verdict.target, verdict.value, verdict.outcome.value) for verdict in judge(results)]
    yield from table(("", "measured", ""), rows)


def formats(results: LoadResults) -> Iterator[str]:
    """Yield speed and first audio of each format."""
    listed = measured(results.formats)
    yield from _introduction(listed)
    rows = [(*_row(series), _tail(series)) for series in listed]
    yield from table(("format", *_HEADINGS, f">{_tail_name(listed)}"), rows)


def alternatives(results: LoadResults) -> Iterator[str]:
    """Yield the ratios of ours to each of the others, and of batching to none."""
    for title, heading, series in (
        ("This server and others", "server", results.alternatives),
        ("With batching and without", "batching", results.batching),
    ):
        if grouped := groups(series):
            yield from (f"### {title}", "")
            yield from _ratios(grouped, heading)


def stages(results: LoadResults) -> Iterator[str]:
    """Yield what each stage and all before it take of the first one's throughput."""
    listed = measured(results.stages)
    yield from _introduction(listed)
    first = listed[0]
    rows = [(*_row(series), "" if series is first else _cost(series, first)) for series in listed]
    yield from table(("up to and with", *_HEADINGS, f">cost, in throughput of the {first.name}"), rows)


def _ratios(grouped: Sequence[Group], heading: str) -> Iterator[str]:
    listed = [series for group in grouped for series in (group.ours, *group.others)]
    yield from _introduction(listed)
    rows = [
        (*_row(series), "" if series is group.ours else _ratio(group.ours, series), _tail(series))
        for group in grouped
        for series in (group.ours, *group.others)
    ]
    yield from table((heading, *_HEADINGS, "times as fast as this", f">{_tail_name(listed)}"), rows)


def _row(series: Series) -> tuple[str, ...]:
    return series.name, requests(series.levels), spread(speed(series), 2)


def _introduction(listed: Sequence[Series]) -> Iterator[str]:
    repeats = max(len(series.levels) for series in listed)
    yield f"{str(listed[0].levels[0].load).capitalize()}; repeats, in turn: {repeats}."
    yield ""


def _ratio(ours: Series, series: Series) -> str:
    times = ratio(ours, series)
    return f"{ours.name}: {spread(times, 2)}" if times else _UNKNOWN


def _cost(series: Series, first: Series) -> str:
    share = ratio(series, first)
    return percent(Cost.of(share)) if share else _UNKNOWN


def _tail_name(listed: Sequence[Series]) -> str:
    """Name the delays of all of them."""
    names = dict.fromkeys(tailed[0] for series in listed if (tailed := tail(series)))
    return f"{' or '.join(names) or 'latency'}, s: p95"


def _tail(series: Series) -> str:
    tailed = tail(series)
    return f"{tailed[1]:.2f}" if tailed else ""
