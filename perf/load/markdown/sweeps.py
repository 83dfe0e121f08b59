"""What the defaults rest on."""

from collections.abc import Iterator, Mapping, Sequence

from perf.load.comparison import measured, named, ratio, speed, tail
from perf.load.markdown.conditions import machine
from perf.load.markdown.table import spread, table
from perf.load.pictures.sweeps import file_name
from perf.load.results import Series, Sweep, TuningResults


def tuning(results: TuningResults, links: Mapping[str, str]) -> Iterator[str]:
    """Yield a table for each setting, its picture if `links` has it, and how far the default is from the best."""
    hardware = "; ".join(what for _, what in machine(results.facts))
    yield f"{hardware}; commit {results.facts.commit}, {results.facts.date}. The values of a setting took turns."
    yield ""
    for sweep in results.sweeps:
        if listed := measured(sweep.series):
            yield from (f"### {sweep.setting}", "")
            load = str(listed[0].levels[0].load).capitalize()
            yield " ".join([f"{load}.", _most_throughput(sweep, listed), *_least_delay(sweep, listed)])
            yield ""
            yield from _table(sweep, listed)
            if file_name(sweep) in links:
                yield from (f"![{sweep.setting}]({links[file_name(sweep)]})", "")


def _table(sweep: Sweep, listed: Sequence[Series]) -> Iterator[str]:
    tails = [tail(series) for series in listed]
    names = dict.fromkeys(tailed[0] for tailed in tails if tailed)
    rows = [
        (
            f"**{series.name}** (default)" if series.name == sweep.default else series.name,
            spread(speed(series)),
            f"{tailed[1]:.2f}" if tailed else "",
        )
        for series, tailed in zip(listed, tails, strict=True)
    ]
    return table(("value", ">times real time", f">{' or '.join(names) or 'latency'}, s: p95"), rows)


def _most_throughput(sweep: Sweep, listed: Sequence[Series]) -> str:
    """Say which value gives the most, and how far the default is from it."""
    best = max(listed, key=lambda series: (speed(series).median, series.name == sweep.default))
    default = named(listed, sweep.default)
    if default is None:
        return f"The most throughput is at {best.name}; the default, {sweep.default}, was not measured."
    if default is best:
        return f"The most throughput is at the default, {best.name}."
    times = ratio(best, default)
    if times is None:
        return f"The most throughput is at {best.name}; the default, {sweep.default}, is not comparable with it."
    gain = f"{times.median - 1:.1%} above the default, {default.name} ({times.least - 1:.1%} to {times.most - 1:.1%})"
    doubt = "; over the repeats, it is not always faster" if times.least <= 1 else ""
    return f"The most throughput is at {best.name}, {gain}{doubt}."


def _least_delay(sweep: Sweep, listed: Sequence[Series]) -> Iterator[str]:
    """Say at which value the delay is least, and what it is at the default; nothing without any delays."""
    delays = {series.name: tailed for series in listed if (tailed := tail(series))}
    if not delays:
        return
    best = min(delays, key=lambda name: (delays[name][1], name != sweep.default))
    what, least = delays[best]
    if best == sweep.default:
        yield f"The least {what} (p95) is at the default, {best}."
    elif sweep.default in delays:
        at_default = f"{delays[sweep.default][1]:.2f} s at the default"
        yield f"The least {what} (p95) is at {best}: {least:.2f} s, against {at_default}."
