"""Throughput and delays over load."""

from collections.abc import Callable, Sequence
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from perf.load.comparison import groups, speed
from perf.load.level import Level, Percentiles
from perf.load.pictures.canvas import (
    ASIDE,
    OURS,
    THEIRS,
    annotate,
    clients_along_x,
    label,
    logarithmic_y,
    short,
)
from perf.load.results import LoadResults, Series

_PERCENTILES = (("p99", "^:", 0.45), ("p95", "s--", 0.7), ("p50", "o-", 1.0))
_MARKERS = "DvPX*"

Pick = Callable[[Level], Percentiles | None]


def heard(levels: Sequence[Level]) -> list[Level]:
    """Leave out levels without any audio, which have no place on a logarithmic scale."""
    return [level for level in levels if level.times_real_time]


def draw_throughput(results: LoadResults, figure: Figure) -> None:
    """Draw the seconds of audio a second over clients; alternatives are points at theirs."""
    axes = figure.subplots()
    curves = (
        ("whole clips, HTTP", heard(results.whole), "o-", 1.0),
        ("streamed, gRPC", heard(results.streamed), "s--", 0.7),
        ("OpenAI's endpoint", heard(results.speech), "^:", 0.7),
    )
    for name, levels, style, opacity in curves:
        if levels:
            speeds = [level.times_real_time for level in levels]
            axes.plot(_clients(levels), speeds, style, color=OURS, alpha=opacity, label=name)
    for level in heard(results.whole):
        annotate(axes, _load(level), level.times_real_time, short(level.times_real_time), OURS, (0, 8))
    others = [
        series
        for group in groups(results.alternatives)
        for series in group.others
        if series.levels[0].load.clients and speed(series).median
    ]
    for series, marker in zip(others, cycle(_MARKERS), strict=False):
        _point(axes, series, marker)
    drawn = [*results.whole, *results.streamed, *results.speech, *(series.levels[0] for series in others)]
    label(axes, "Throughput", "clients at once", "seconds of audio a second")
    clients_along_x(axes, _clients(drawn))
    logarithmic_y(axes, 0.25)
    axes.legend(loc="upper left", fontsize=9)


def _point(axes: Axes, series: Series, marker: str) -> None:
    x, y = series.levels[0].load.clients or 0, speed(series).median
    axes.plot([x], [y], marker, color=THEIRS, label=series.name)
    annotate(axes, x, y, short(y), THEIRS, (7, 0))


def draw_latency(results: LoadResults, figure: Figure) -> None:
    """Draw the time from sending to the end for whole clips, over clients and over rates."""
    drawn = (
        ("Latency of whole clips, by clients", results.whole),
        ("Latency of whole clips, by rate", results.whole_rates),
    )
    _draw_panels(figure, drawn, "seconds", lambda level: level.latency)


def draw_first_audio(results: LoadResults, figure: Figure) -> None:
    """Draw the time to first audio over clients, straight from Triton and from OpenAI's endpoint."""
    drawn = (("First audio, gRPC", results.streamed), ("First audio, OpenAI's endpoint", results.speech))
    _draw_panels(figure, drawn, "milliseconds", lambda level: level.first_audio, 1000)


def _draw_panels(
    figure: Figure, titled: Sequence[tuple[str, Sequence[Level]]], unit: str, pick: Pick, scale: float = 1
) -> None:
    """Draw those that were measured side by side, with one scale along y."""
    drawn = [(title, audible) for title, levels in titled if (audible := heard(levels))]
    row = figure.subplots(1, len(drawn), sharey=True, squeeze=False)[0]
    for axes, (title, levels) in zip(row, drawn, strict=True):
        _draw_percentiles(axes, levels, pick, scale)
        by_clients = levels[0].load.clients is not None
        label(axes, title, "clients at once" if by_clients else "requests a second", unit if axes is row[0] else "")
        if by_clients:
            clients_along_x(axes, _clients(levels))
        axes.legend(loc="upper left", fontsize=9)
    logarithmic_y(row[0], 0.1)


def _draw_percentiles(axes: Axes, levels: Sequence[Level], pick: Pick, scale: float) -> None:
    known = [(_load(level), percentiles) for level in levels if (percentiles := pick(level))]
    x = [load for load, _ in known]
    for name, style, opacity in _PERCENTILES:
        y = [scale * getattr(percentiles, name) for _, percentiles in known]
        axes.plot(x, y, style, color=OURS, alpha=opacity, label=name)
    for load, percentiles in known:
        annotate(axes, load, scale * percentiles.p50, short(scale * percentiles.p50), ASIDE, (0, -13))


def _load(level: Level) -> float:
    """Return its number of clients, or its requests a second."""
    return level.load.clients or level.load.rate or 0.0


def _clients(levels: Sequence[Level]) -> list[int]:
    return [level.load.clients or 0 for level in levels]
