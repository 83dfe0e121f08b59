"""The sections of the page that contain figures."""

from collections.abc import Iterator, Mapping, Sequence

from measuring.host import Facts
from perf.measurements import LoadPoint, Series
from perf.report.comparison import (
    Audience,
    Capacity,
    Group,
    audiences,
    cost,
    groups,
    measured,
    named,
    ratio,
    speed,
    tail,
)
from perf.report.results import LoadResults, Sweep, TuningResults
from perf.report.server_plots import file_name
from perf.report.tables import PERCENTILES, milliseconds, percent, requests, seconds, spread, table, titled_table
from perf.report.targets import judge_servers

_DELAYS = (
    ">requests",
    ">times real time",
    ">spoken a second",
    f">latency, s: {PERCENTILES}",
    f">real-time factor: {PERCENTILES}",
)
_FIRST_AUDIO = (
    ">requests",
    f">first audio, ms: {PERCENTILES}",
    f">first sound, ms: {PERCENTILES}",
    f">gap, ms: {PERCENTILES}",
)
_COUNTS = (
    ">requests",
    ">heard without a stall",
    ">stalled",
    ">refused",
    ">failed",
    f">silence of a listener, s: {PERCENTILES}",
)
_SHARES = (">stalled", ">refused", ">failed", ">times real time", ">first audio, s: p95")
_HEADINGS = (">requests", ">times real time")
_UNKNOWN = "not comparable"


def throughput(results: LoadResults) -> Iterator[str]:
    """Yield speed and latency over numbers of clients."""
    yield from _delays("Whole clips: `soprano` over HTTP", results.whole)
    yield from _delays("Streamed: `soprano_stream` over gRPC", results.streamed)
    yield from _delays("OpenAI's endpoint", results.speech)


def rates(results: LoadResults) -> Iterator[str]:
    """Yield speed and latency over rates of requests."""
    yield "Requests come at random moments, whether or not the server keeps up (a Poisson process)."
    yield ""
    yield from _delays("Whole clips: `soprano` over HTTP", results.whole_rates)
    yield from _delays("OpenAI's endpoint", results.speech_rates)


def first_audio(results: LoadResults) -> Iterator[str]:
    """Yield first audio, first sound and gaps of what is streamed."""
    for title, points in (
        ("`soprano_stream` over gRPC", results.streamed),
        ("OpenAI's endpoint", results.speech),
        ("OpenAI's endpoint, requests at random moments", results.speech_rates),
    ):
        rows = [
            (*_load(point), *map(milliseconds, (point.first_audio, point.first_sound, point.gap))) for point in points
        ]
        yield from _load_table(title, points, _FIRST_AUDIO, rows)


def _delays(title: str, points: Sequence[LoadPoint]) -> Iterator[str]:
    rows = [
        (
            *(*_load(point), f"{point.times_real_time:.1f}", f"{point.requests_per_second:.2f}"),
            *(seconds(point.latency), seconds(point.real_time_factor)),
        )
        for point in points
    ]
    yield from _load_table(title, points, _DELAYS, rows)


def _load_table(
    title: str, points: Sequence[LoadPoint], headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Yield a table with a row for each load; nothing if there are none."""
    if points:
        unit = ">clients" if points[0].load.clients is not None else ">requests a second"
        yield titled_table(title, (unit, *headings), rows)


def _load(point: LoadPoint) -> tuple[str, str]:
    """Return the load, and the number of spoken requests."""
    load = point.load.clients if point.load.clients is not None else f"{point.load.rate:.3g}"
    return str(load), requests([point])


def listeners(results: LoadResults) -> Iterator[str]:
    """Yield the largest satisfied audience, and the counts under each load."""
    if random := audiences(results.speech_rates):
        yield from ("### Listeners who come at random moments", "")
        yield (
            "The number of listeners at once is an average: the rate of requests times the seconds of audio of one "
            f"(Little's law). {_capacity(random)}"
        )
        yield ""
        rows = [(f"{each.concurrency:.1f}", f"{each.point.load.rate:.3g}", *_counts(each)) for each in random]
        yield from table((">listeners at once", ">requests a second", *_COUNTS), rows)
    if clients := audiences(results.speech):
        yield from ("### Clients who ask again as soon as they have a clip", "")
        yield (
            "These clients do not wait until a clip has been played, so their load is higher than that of equally many "
            "listeners. "
            f"{_capacity(clients)}"
        )
        yield ""
        yield from table((">clients", *_COUNTS), [(f"{each.concurrency:.0f}", *_counts(each)) for each in clients])


def saturation(results: LoadResults) -> Iterator[str]:
    """Yield the shares of the statuses of requests, including rates above the server's capacity."""
    crowd = audiences(results.speech_rates)
    fastest = max(audience.point.times_real_time for audience in crowd)
    yield (
        "A request for which the server has no capacity is refused with the status 429. The maximal throughput was "
        f"{fastest:.1f} times real time. First audio is that of the spoken requests."
    )
    yield ""
    rows = [(f"{each.point.load.rate:.3g}", f"{each.concurrency:.1f}", *_shares(each)) for each in crowd]
    yield from table((">requests a second", ">listeners at once", ">heard without a stall", *_SHARES), rows)


def _capacity(crowd: Sequence[Audience]) -> str:
    """Describe the largest satisfied audience, and the next larger one."""
    capacity = Capacity.of(crowd)
    sentences = []
    if capacity.sustained:
        what = f"The largest load at which nobody stalled, was refused or failed: {_audience_load(capacity.sustained)}"
        sentences.append(f"{what} ({capacity.sustained.requests} requests).")
    if capacity.exceeded:
        where = "At the next larger one" if capacity.sustained else "Already at the smallest load"
        sentences.append(f"{where}, {_audience_load(capacity.exceeded)}: {_losses(capacity.exceeded)}.")
    else:
        sentences.append("No larger load was measured.")
    if capacity.exceptions:
        exceptions = "; ".join(f"{_audience_load(each)}: {_losses(each)}" for each in capacity.exceptions)
        sentences.append(f"At smaller ones it was not always so: {exceptions}.")
    return " ".join(sentences)


def _audience_load(audience: Audience) -> str:
    if audience.point.load.clients is not None:
        return f"{audience.point.load.clients} clients"
    return f"{audience.concurrency:.1f} listeners at once"


def _losses(audience: Audience) -> str:
    point = audience.point
    counts = ((point.stalled, "stalled"), (point.refused, "refused"), (point.failed, "failed"))
    return f"{', '.join(f'{count} {status}' for count, status in counts if count)}, of {audience.requests} requests"


def _counts(audience: Audience) -> tuple[str, ...]:
    point = audience.point
    counts = (audience.requests, audience.satisfied, point.stalled, point.refused, point.failed)
    return (*map(str, counts), seconds(point.stall))


def _shares(audience: Audience) -> tuple[str, ...]:
    point = audience.point
    shares = (count / audience.requests for count in (audience.satisfied, point.stalled, point.refused, point.failed))
    first = f"{point.first_audio.p95:.2f}" if point.first_audio else ""
    return (*(f"{share:.1%}" for share in shares), f"{point.times_real_time:.1f}", first)


def targets(results: LoadResults) -> Iterator[str]:
    """Yield the targets, and whether they were met."""
    yield from ("## Targets", "")
    rows = [(verdict.target, verdict.value, verdict.outcome.value) for verdict in judge_servers(results)]
    yield from table(("", "measured", ""), rows)


def formats(results: LoadResults) -> Iterator[str]:
    """Yield speed and first audio of each format."""
    listed = measured(results.formats)
    yield from _introduction(listed)
    rows = [(*_row(series), _tail(series)) for series in listed]
    yield from table(("format", *_HEADINGS, f">{_tail_name(listed)}"), rows)


def alternatives(results: LoadResults) -> Iterator[str]:
    """Yield the ratios of our servers to the others, and of batching to no batching."""
    for title, heading, series in (
        ("This server and others", "server", results.alternatives),
        ("With batching and without", "batching", results.batching),
    ):
        if grouped := groups(series):
            yield from (f"### {title}", "")
            yield from _ratios(grouped, heading)


def stages(results: LoadResults) -> Iterator[str]:
    """Yield the share of the first one's throughput that each stage, with those before it, costs."""
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
    return series.name, requests(series.points), spread(speed(series), 2)


def _introduction(listed: Sequence[Series]) -> Iterator[str]:
    repeats = max(len(series.points) for series in listed)
    yield f"{str(listed[0].points[0].load).capitalize()}; repeats, in turn: {repeats}."
    yield ""


def _ratio(ours: Series, series: Series) -> str:
    times = ratio(ours, series)
    return f"{ours.name}: {spread(times, 2)}" if times else _UNKNOWN


def _cost(series: Series, first: Series) -> str:
    share = ratio(series, first)
    return percent(cost(share)) if share else _UNKNOWN


def _tail_name(listed: Sequence[Series]) -> str:
    """Return the name of the delays."""
    names = dict.fromkeys(tailed[0] for series in listed if (tailed := tail(series)))
    return f"{' or '.join(names) or 'latency'}, s: p95"


def _tail(series: Series) -> str:
    tailed = tail(series)
    return f"{tailed[1]:.2f}" if tailed else ""


def machine(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the rows of a table that name the hardware."""
    yield "processor", f"{facts.processor}, {facts.cores} cores"
    if facts.gpu:
        yield "GPU", facts.gpu


def tuning(results: TuningResults, links: Mapping[str, str]) -> Iterator[str]:
    """Yield a table for each setting, its plot if it is in `links`, and how far the default is from the best value."""
    hardware = "; ".join(what for _, what in machine(results.facts))
    yield f"{hardware}; commit {results.facts.commit}, {results.facts.date}. The values of a setting took turns."
    yield ""
    for sweep in results.sweeps:
        if listed := measured(sweep.series):
            yield from (f"### {sweep.setting}", "")
            load = str(listed[0].points[0].load).capitalize()
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
    """Describe which value gives the highest throughput, and how far the default is below it."""
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
    """Describe which value gives the smallest delay, and the delay at the default; nothing if there are no delays."""
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
