"""The results of load tests as plots."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from perf.measurements import LoadPoint, Percentiles, Series
from perf.report.comparison import Audience, Capacity, Group, audiences, groups, measured, ratio, speed, tail
from perf.report.plots import (
    ASIDE,
    ONE_PANEL,
    OURS,
    SMALL,
    THEIRS,
    TWO_PANELS,
    Size,
    annotate,
    caption,
    clients_along_x,
    label,
    logarithmic_y,
    plot,
    short,
)
from perf.report.results import LoadResults, Sweep, TuningResults

_PERCENTILES = (("p99", "^:", 0.45), ("p95", "s--", 0.7), ("p50", "o-", 1.0))
_MARKERS = "DvPX*"
Pick = Callable[[LoadPoint], Percentiles | None]
_STATUSES: tuple[tuple[str, str, Callable[[Audience], int]], ...] = (
    ("heard without a stall", "tab:green", lambda audience: audience.satisfied),
    ("stalled", "tab:orange", lambda audience: audience.point.stalled),
    ("refused", "tab:gray", lambda audience: audience.point.refused),
    ("failed", "tab:red", lambda audience: audience.point.failed),
)
_OPACITY = 0.75
_HEADROOM = 1.25
_LEAST_LABELLED = 0.06
_ROOM = 1.25
"""Width of the plot in times of the longest bar, to leave room for labels."""


def save_plots(directory: Path, results: LoadResults, tuning: TuningResults | None = None) -> list[Path]:
    """Write a PNG to `directory` for everything that was measured; return the files."""
    below = caption(results.facts, synthetic=results.synthetic)
    files = [
        plot(directory / f"{subject}.png", size, below, partial(draw, results))
        for subject, size, draw in _subjects(results)
    ]
    if tuning:
        below = caption(tuning.facts, synthetic=results.synthetic)
        sweeps = [sweep for sweep in tuning.sweeps if measured(sweep.series)]
        files += [plot(directory / file_name(sweep), SMALL, below, partial(draw_sweep, sweep)) for sweep in sweeps]
    return files


def _subjects(results: LoadResults) -> Iterator[tuple[str, Size, Callable[[LoadResults, Figure], None]]]:
    """Yield the name, size and drawing function of each plot for which there are results."""
    if with_audio([*results.whole, *results.streamed, *results.speech]):
        yield "throughput", ONE_PANEL, draw_throughput
    if with_audio([*results.whole, *results.whole_rates]):
        yield "latency", TWO_PANELS, draw_latency
    if with_audio([*results.streamed, *results.speech]):
        yield "first-audio", TWO_PANELS, draw_first_audio
    if audiences(results.speech) or audiences(results.speech_rates):
        yield "listeners", TWO_PANELS, draw_listeners
    if audiences(results.speech_rates):
        yield "saturation", TWO_PANELS, draw_saturation
    if measured(results.batching) or measured(results.alternatives):
        yield "batching", ONE_PANEL, draw_batching
    if measured(results.stages):
        yield "stages", ONE_PANEL, draw_stages


def with_audio(points: Sequence[LoadPoint]) -> list[LoadPoint]:
    """Leave out points without audio, which a logarithmic scale cannot show."""
    return [point for point in points if point.times_real_time]


def draw_throughput(results: LoadResults, figure: Figure) -> None:
    """Draw the throughput over the number of clients, with alternatives as single points."""
    axes = figure.subplots()
    curves = (
        ("whole clips, HTTP", with_audio(results.whole), "o-", 1.0),
        ("streamed, gRPC", with_audio(results.streamed), "s--", 0.7),
        ("OpenAI's endpoint", with_audio(results.speech), "^:", 0.7),
    )
    for name, points, style, opacity in curves:
        if points:
            speeds = [point.times_real_time for point in points]
            axes.plot(_clients(points), speeds, style, color=OURS, alpha=opacity, label=name)
    for point in with_audio(results.whole):
        annotate(axes, _load(point), point.times_real_time, short(point.times_real_time), OURS, (0, 8))
    others = [
        series
        for group in groups(results.alternatives)
        for series in group.others
        if series.points[0].load.clients and speed(series).median
    ]
    for series, marker in zip(others, cycle(_MARKERS), strict=False):
        _point(axes, series, marker)
    drawn = [*results.whole, *results.streamed, *results.speech, *(series.points[0] for series in others)]
    label(axes, "Throughput", "clients at once", "seconds of audio a second")
    clients_along_x(axes, _clients(drawn))
    logarithmic_y(axes, 0.25)
    axes.legend(loc="upper left", fontsize=9)


def _point(axes: Axes, series: Series, marker: str) -> None:
    x, y = series.points[0].load.clients or 0, speed(series).median
    axes.plot([x], [y], marker, color=THEIRS, label=series.name)
    annotate(axes, x, y, short(y), THEIRS, (7, 0))


def draw_latency(results: LoadResults, figure: Figure) -> None:
    """Draw the latency of whole clips, over clients and over rates."""
    drawn = (
        ("Latency of whole clips, by clients", results.whole),
        ("Latency of whole clips, by rate", results.whole_rates),
    )
    _draw_panels(figure, drawn, "seconds", lambda point: point.latency)


def draw_first_audio(results: LoadResults, figure: Figure) -> None:
    """Draw the time to first audio over clients, directly from Triton and from OpenAI's endpoint."""
    drawn = (("First audio, gRPC", results.streamed), ("First audio, OpenAI's endpoint", results.speech))
    _draw_panels(figure, drawn, "milliseconds", lambda point: point.first_audio, 1000)


def _draw_panels(
    figure: Figure, titled: Sequence[tuple[str, Sequence[LoadPoint]]], unit: str, pick: Pick, scale: float = 1
) -> None:
    """Draw the measured ones side by side, with a common scale of y."""
    drawn = [(title, audible) for title, points in titled if (audible := with_audio(points))]
    row = figure.subplots(1, len(drawn), sharey=True, squeeze=False)[0]
    for axes, (title, points) in zip(row, drawn, strict=True):
        _draw_percentiles(axes, points, pick, scale)
        by_clients = points[0].load.clients is not None
        label(axes, title, "clients at once" if by_clients else "requests a second", unit if axes is row[0] else "")
        if by_clients:
            clients_along_x(axes, _clients(points))
        axes.legend(loc="upper left", fontsize=9)
    logarithmic_y(row[0], 0.1)


def _draw_percentiles(axes: Axes, points: Sequence[LoadPoint], pick: Pick, scale: float) -> None:
    known = [(_load(point), percentiles) for point in points if (percentiles := pick(point))]
    x = [load for load, _ in known]
    for name, style, opacity in _PERCENTILES:
        y = [scale * getattr(percentiles, name) for _, percentiles in known]
        axes.plot(x, y, style, color=OURS, alpha=opacity, label=name)
    for load, percentiles in known:
        annotate(axes, load, scale * percentiles.p50, short(scale * percentiles.p50), ASIDE, (0, -13))


def _load(point: LoadPoint) -> float:
    """Return its number of clients, or its requests a second."""
    return point.load.clients or point.load.rate or 0.0


def _clients(points: Sequence[LoadPoint]) -> list[int]:
    return [point.load.clients or 0 for point in points]


def draw_listeners(results: LoadResults, figure: Figure) -> None:
    """Draw the number of listeners without a stall, and of those who stalled, were refused or failed."""
    drawn = [
        (title, crowd)
        for title, crowd in (
            ("Listeners who come at random moments", audiences(results.speech_rates)),
            ("Clients who ask again as soon as they have a clip", audiences(results.speech)),
        )
        if crowd
    ]
    row = figure.subplots(1, len(drawn), squeeze=False)[0]
    for axes, (title, crowd) in zip(row, drawn, strict=True):
        _draw_areas(axes, crowd)
        x = "listeners who want to hear at once, on average" if crowd[0].point.load.rate else "clients at once"
        label(axes, title, x, "what becomes of them" if axes is row[0] else "")


def _draw_areas(axes: Axes, crowd: Sequence[Audience]) -> None:
    x = [0.0, *(audience.concurrency for audience in crowd)]
    bottom = [0.0] * len(x)
    for name, color, count in _STATUSES:
        top = [low + part for low, part in zip(bottom, _parts(crowd, count), strict=True)]
        if top != bottom:
            axes.fill_between(x, bottom, top, color=color, alpha=_OPACITY, label=name, linewidth=0)
        bottom = top
    satisfied = _parts(crowd, _STATUSES[0][2])
    axes.plot(x[1:], satisfied[1:], "o", color="tab:green", markersize=4, clip_on=False)
    capacity = Capacity.of(crowd)
    if capacity.sustained:
        sustained = capacity.sustained.concurrency
        axes.plot([sustained, sustained], [0, sustained], color="black", linestyle="--", label=str(capacity))
    axes.set_xlim(0, x[-1])
    axes.set_ylim(0, x[-1])
    axes.legend(loc="upper left", fontsize=9)


def _parts(crowd: Sequence[Audience], count: Callable[[Audience], int]) -> list[float]:
    """Return the number of listeners with one status for each audience, after a 0 for no audience."""
    return [0.0, *(audience.listeners(count(audience)) for audience in crowd)]


def draw_saturation(results: LoadResults, figure: Figure) -> None:
    """Draw the shares of the statuses of requests at each rate, and the first audio of the admitted ones."""
    crowd = audiences(results.speech_rates)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    figure.suptitle("Requests at random moments, up to more than the server can speak")
    _draw_shares(above, crowd)
    label(above, "", "", "share of requests")
    _draw_first_audio(below, [audience.point.first_audio for audience in crowd])
    label(below, "", "requests a second, and below them the listeners that these are at once", "first audio, s")
    rates = [f"{audience.point.load.rate:.3g}/s\n{audience.concurrency:.1f}" for audience in crowd]
    below.set_xticks(range(len(crowd)), rates)


def _draw_shares(axes: Axes, crowd: Sequence[Audience]) -> None:
    bottom = [0.0] * len(crowd)
    for name, color, count in _STATUSES:
        shares = [count(audience) / audience.requests for audience in crowd]
        if any(shares):
            bars = axes.bar(range(len(crowd)), shares, 0.7, bottom, color=color, alpha=_OPACITY, label=name)
            texts = [f"{share:.0%}" if share >= _LEAST_LABELLED else "" for share in shares]
            axes.bar_label(bars, texts, label_type="center", fontsize=9)
        bottom = [low + share for low, share in zip(bottom, shares, strict=True)]
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(_STATUSES), fontsize=9, frameon=False)


def _draw_first_audio(axes: Axes, delays: Sequence[Percentiles | None]) -> None:
    x = [index for index, delay in enumerate(delays) if delay]
    for name, style in (("p95", "s--"), ("p50", "o-")):
        y = [getattr(delay, name) for delay in delays if delay]
        axes.plot(x, y, style, color=OURS, label=f"{name}, of the admitted")
        for position, value in zip(x, y, strict=True) if name == "p95" else ():
            annotate(axes, position, value, short(value), OURS, (0, 6))
    axes.set_ylim(0, _HEADROOM * max((delay.p95 for delay in delays if delay), default=1.0))
    axes.legend(loc="upper left", fontsize=9)


def draw_batching(results: LoadResults, figure: Figure) -> None:
    """Draw this server without its batching, and the alternatives."""
    drawn = [
        (title, grouped)
        for title, listed in (("With batching and without", results.batching), ("Alternatives", results.alternatives))
        if (grouped := groups(listed))
    ]
    heights = [sum(1 + len(group.others) for group in grouped) for _, grouped in drawn]
    column = list(figure.subplots(len(drawn), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0])
    for axes, (title, grouped) in zip(column, drawn, strict=True):
        _draw_bars(axes, [bar for group in grouped for bar in _bars(group)])
        x = "seconds of audio a second (in brackets: of the blue bar above)"
        label(axes, f"{title}, {grouped[0].ours.points[0].load}", x if axes is column[-1] else "", "")
    _leave_room(column, [*results.batching, *results.alternatives])


def draw_stages(results: LoadResults, figure: Figure) -> None:
    """Draw the throughput after each stage."""
    axes = figure.subplots()
    first, *others = measured(results.stages)
    _draw_bars(axes, [(first, ASIDE, ""), *((series, OURS, _share(first, series)) for series in others)])
    title = f"From the engine to the answer, {first.points[0].load}"
    label(axes, title, f"seconds of audio a second (in brackets: of the {first.name})", "")
    _leave_room([axes], results.stages)


def _bars(group: Group) -> list[tuple[Series, str, str]]:
    """Return each series with its colour and the text in brackets."""
    others = ((series, THEIRS, _fraction(group.ours, series)) for series in group.others)
    return [(group.ours, OURS, ""), *others]


def _draw_bars(axes: Axes, bars: Sequence[tuple[Series, str, str]]) -> None:
    """Draw the medians, with whiskers to the smallest and the largest value."""
    for y, (series, color, brackets) in enumerate(bars):
        spread = speed(series)
        whiskers = [[spread.median - spread.least], [spread.most - spread.median]]
        axes.barh(y, spread.median, 0.6, xerr=whiskers, capsize=4, color=color, alpha=0.8)
        annotate(axes, spread.most, y, f"{short(spread.median, 3)}{brackets}", "black", (8, 0))
    axes.set_yticks(range(len(bars)), [series.name for series, _, _ in bars])
    axes.invert_yaxis()


def _fraction(ours: Series, series: Series) -> str:
    times = ratio(ours, series)
    return f"  (1/{short(times.median, 3)})" if times else ""


def _share(first: Series, series: Series) -> str:
    share = ratio(series, first)
    return f"  ({share.median:.0%})" if share else ""


def _leave_room(column: Sequence[Axes], listed: Sequence[Series]) -> None:
    longest = max(speed(series).most for series in measured(listed))
    for axes in column:
        axes.set_xlim(0, _ROOM * longest or 1.0)
        axes.grid(visible=False, axis="y")


def file_name(sweep: Sweep) -> str:
    """Return the file name of a sweep's plot."""
    return f"tuning-{re.sub('[^a-z0-9]+', '-', sweep.setting.lower()).strip('-')}.png"


def draw_sweep(sweep: Sweep, figure: Figure) -> None:
    """Draw throughput and delay over the values, at equal distances, because the values need not be numbers."""
    listed = measured(sweep.series)
    axes = figure.subplots()
    _draw_speeds(axes, listed)
    label(axes, f"{sweep.setting}, {listed[0].points[0].load}", "", "seconds of audio a second")
    names = [f"{each.name}\n(default)" if each.name == sweep.default else each.name for each in listed]
    axes.set_xticks(range(len(listed)), names)
    axes.margins(x=0.1)
    for x, series in enumerate(listed):
        if series.name == sweep.default:
            axes.axvspan(x - 0.2, x + 0.2, color=ASIDE, alpha=0.15, linewidth=0)
    _draw_tails(axes.twinx(), listed)


def _draw_speeds(axes: Axes, listed: Sequence[Series]) -> None:
    spreads = [speed(series) for series in listed]
    medians = [spread.median for spread in spreads]
    whiskers = [
        [spread.median - spread.least for spread in spreads],
        [spread.most - spread.median for spread in spreads],
    ]
    axes.errorbar(range(len(listed)), medians, whiskers, fmt="o-", color=OURS, capsize=4)
    axes.set_ylim(0, 1.15 * max(spread.most for spread in spreads) or 1.0)
    axes.tick_params(axis="y", labelcolor=OURS)
    axes.yaxis.label.set_color(OURS)


def _draw_tails(axes: Axes, listed: Sequence[Series]) -> None:
    known = [(x, tailed) for x, series in enumerate(listed) if (tailed := tail(series))]
    axes.plot([x for x, _ in known], [seconds for _, (_, seconds) in known], "s--", color=THEIRS)
    name = known[0][1][0] if known else ""
    axes.set_ylim(0, 1.15 * max((seconds for _, (_, seconds) in known), default=1.0))
    axes.set_ylabel(f"{name} p95, seconds", color=THEIRS)
    axes.tick_params(axis="y", labelcolor=THEIRS)
