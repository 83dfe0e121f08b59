"""What became of those who wanted to listen, up to more than the server holds."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from perf.load.level import Percentiles
from perf.load.listeners import Audience, Capacity, audiences
from perf.load.pictures.canvas import OURS, annotate, label, short
from perf.load.results import LoadResults

_FATES: tuple[tuple[str, str, Callable[[Audience], int]], ...] = (
    ("heard without a stall", "tab:green", lambda audience: audience.content),
    ("stalled", "tab:orange", lambda audience: audience.level.stalled),
    ("refused", "tab:gray", lambda audience: audience.level.refused),
    ("failed", "tab:red", lambda audience: audience.level.failed),
)
_OPACITY = 0.75
_HEADROOM = 1.25
_LEAST_LABELLED = 0.06


def draw_listeners(results: LoadResults, figure: Figure) -> None:
    """Draw how many of so many listeners are heard without a stall, and what becomes of the others."""
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
        x = "listeners who want to hear at once, on average" if crowd[0].level.load.rate else "clients at once"
        label(axes, title, x, "what becomes of them" if axes is row[0] else "")


def _draw_areas(axes: Axes, crowd: Sequence[Audience]) -> None:
    x = [0.0, *(audience.wanted for audience in crowd)]
    bottom = [0.0] * len(x)
    for name, color, count in _FATES:
        top = [low + part for low, part in zip(bottom, _parts(crowd, count), strict=True)]
        if top != bottom:
            axes.fill_between(x, bottom, top, color=color, alpha=_OPACITY, label=name, linewidth=0)
        bottom = top
    content = _parts(crowd, _FATES[0][2])
    axes.plot(x[1:], content[1:], "o", color="tab:green", markersize=4, clip_on=False)
    capacity = Capacity.of(crowd)
    if capacity.held:
        held = capacity.held.wanted
        axes.plot([held, held], [0, held], color="black", linestyle="--", label=str(capacity))
    axes.set_xlim(0, x[-1])
    axes.set_ylim(0, x[-1])
    axes.legend(loc="upper left", fontsize=9)


def _parts(crowd: Sequence[Audience], count: Callable[[Audience], int]) -> list[float]:
    """Return the listeners of one fate, from none on."""
    return [0.0, *(audience.listeners(count(audience)) for audience in crowd)]


def draw_saturation(results: LoadResults, figure: Figure) -> None:
    """Draw the shares of what became of requests at each rate, and the delay of those that were admitted."""
    crowd = audiences(results.speech_rates)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    figure.suptitle("Requests at random moments, up to more than the server can speak")
    _draw_shares(above, crowd)
    label(above, "", "", "share of requests")
    _draw_first_audio(below, [audience.level.first_audio for audience in crowd])
    label(below, "", "requests a second, and below them the listeners that these are at once", "first audio, s")
    rates = [f"{audience.level.load.rate:.3g}/s\n{audience.wanted:.1f}" for audience in crowd]
    below.set_xticks(range(len(crowd)), rates)


def _draw_shares(axes: Axes, crowd: Sequence[Audience]) -> None:
    bottom = [0.0] * len(crowd)
    for name, color, count in _FATES:
        shares = [count(audience) / audience.requests for audience in crowd]
        if any(shares):
            bars = axes.bar(range(len(crowd)), shares, 0.7, bottom, color=color, alpha=_OPACITY, label=name)
            texts = [f"{share:.0%}" if share >= _LEAST_LABELLED else "" for share in shares]
            axes.bar_label(bars, texts, label_type="center", fontsize=9)
        bottom = [low + share for low, share in zip(bottom, shares, strict=True)]
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(_FATES), fontsize=9, frameon=False)


def _draw_first_audio(axes: Axes, delays: Sequence[Percentiles | None]) -> None:
    x = [index for index, delay in enumerate(delays) if delay]
    for name, style in (("p95", "s--"), ("p50", "o-")):
        y = [getattr(delay, name) for delay in delays if delay]
        axes.plot(x, y, style, color=OURS, label=f"{name}, of the admitted")
        for position, value in zip(x, y, strict=True) if name == "p95" else ():
            annotate(axes, position, value, short(value), OURS, (0, 6))
    axes.set_ylim(0, _HEADROOM * max((delay.p95 for delay in delays if delay), default=1.0))
    axes.legend(loc="upper left", fontsize=9)
