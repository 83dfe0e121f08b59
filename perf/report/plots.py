"""The common parts of all plots: size, caption, colours and axes."""

from collections.abc import Callable, Iterable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, StrMethodFormatter

from measuring.host import Facts

OURS, THEIRS, ASIDE = "tab:blue", "tab:orange", "tab:gray"

Size = tuple[float, float]
"""Width and height in inches, of 120 pixels each."""

ONE_PANEL: Size = (8.0, 5.0)
TWO_PANELS: Size = (10.0, 5.0)
SMALL: Size = (6.5, 3.8)


def plot(file: Path, size: Size, caption: str, draw: Callable[[Figure], None]) -> Path:
    """Write what `draw` draws as PNG, with the caption below, and return the file."""
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)  # draws in memory, without a screen
    draw(figure)
    figure.supxlabel(caption, x=0.99, ha="right", fontsize=7, color=ASIDE)
    figure.savefig(file, dpi=120)
    return file


def caption(facts: Facts, *, synthetic: bool) -> str:
    """Describe the machine and the date of the figures."""
    where = facts.gpu or f"{facts.processor}, {facts.cores} cores"
    weights = ", synthetic weights" if synthetic else ""
    return f"{where}, {facts.dtype}{weights}, commit {facts.commit}, {facts.date[:10]}"


def label(axes: Axes, title: str, x: str, y: str) -> None:
    """Name the axes, and draw a grid behind the plot."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)


def clients_along_x(axes: Axes, clients: Iterable[int]) -> None:
    """Make x logarithmic, with a tick at each number of clients."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(sorted(set(clients))))
    _plain_numbers(axes.xaxis)


def logarithmic_y(axes: Axes, room: float) -> None:
    """Make y logarithmic, and leave the share `room` of the height free at the top for a legend.

    Call this after everything is drawn, including on axes that share y with these.
    """
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    _plain_numbers(axes.yaxis)
    axes.margins(y=0.12)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** room)


def _plain_numbers(axis: Axis) -> None:
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))


def annotate(axes: Axes, x: float, y: float, text: str, color: str, offset: tuple[int, int]) -> None:
    """Write `text` beside a point; `offset` is the distance to the right and upwards in points."""
    align = "center" if offset[0] == 0 else "left"
    vertical = "center" if offset[1] == 0 else "baseline"
    axes.annotate(text, (x, y), offset, textcoords="offset points", ha=align, va=vertical, color=color, fontsize=9)


def short(value: float, digits: int = 2) -> str:
    """Return a number with `digits` significant digits, but with all digits before the decimal point."""
    return f"{value:.0f}" if value >= 10 ** (digits - 1) else f"{value:.{digits}g}"
