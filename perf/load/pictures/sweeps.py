"""One setting at several values."""

import re
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from perf.load.comparison import measured, speed, tail
from perf.load.pictures.canvas import ASIDE, OURS, THEIRS, Size, label
from perf.load.results import Series, Sweep

SIZE: Size = (6.5, 3.8)


def file_name(sweep: Sweep) -> str:
    """Return the name of its picture."""
    return f"tuning-{re.sub('[^a-z0-9]+', '-', sweep.setting.lower()).strip('-')}.png"


def draw_sweep(sweep: Sweep, figure: Figure) -> None:
    """Draw throughput and delay over the values, evenly spaced, as they need not be numbers."""
    listed = measured(sweep.series)
    axes = figure.subplots()
    _draw_speeds(axes, listed)
    label(axes, f"{sweep.setting}, {listed[0].levels[0].load}", "", "seconds of audio a second")
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
