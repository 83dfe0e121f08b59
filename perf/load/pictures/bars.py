"""Series beside each other, as bars."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from perf.load.comparison import Group, groups, measured, ratio, speed
from perf.load.pictures.canvas import ASIDE, OURS, THEIRS, annotate, label, short
from perf.load.results import LoadResults, Series

_ROOM = 1.25
"""Times the longest bar: for what is written beside it."""


def draw_batching(results: LoadResults, figure: Figure) -> None:
    """Draw this server without its batching, and beside others."""
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
        label(axes, f"{title}, {grouped[0].ours.levels[0].load}", x if axes is column[-1] else "", "")
    _leave_room(column, [*results.batching, *results.alternatives])


def draw_stages(results: LoadResults, figure: Figure) -> None:
    """Draw what is left of the first one's throughput after each stage."""
    axes = figure.subplots()
    first, *others = measured(results.stages)
    _draw_bars(axes, [(first, ASIDE, ""), *((series, OURS, _share(first, series)) for series in others)])
    title = f"From the engine to the answer, {first.levels[0].load}"
    label(axes, title, f"seconds of audio a second (in brackets: of the {first.name})", "")
    _leave_room([axes], results.stages)


def _bars(group: Group) -> list[tuple[Series, str, str]]:
    """Return series, colour and what is written in brackets."""
    others = ((series, THEIRS, _fraction(group.ours, series)) for series in group.others)
    return [(group.ours, OURS, ""), *others]


def _draw_bars(axes: Axes, bars: Sequence[tuple[Series, str, str]]) -> None:
    """Draw medians, with whiskers to the least and the most."""
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
