"""Tables in Markdown, and the format of figures in them."""

from collections.abc import Iterable, Iterator, Sequence

from perf.measurements import LoadPoint, Percentiles, Spread

PERCENTILES = "p50 / p95 / p99"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table and an empty line; a heading that begins with `>` is that of a column of numbers."""
    yield _row([heading.removeprefix(">") for heading in headings])
    yield _row(["---:" if heading.startswith(">") else "---" for heading in headings])
    yield from map(_row, rows)
    yield ""


def titled_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table below its title."""
    return "\n".join((f"### {title}", "", *table(headings, rows)))


def _row(cells: Sequence[str]) -> str:
    # A vertical bar would end the cell.
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def requests(points: Sequence[LoadPoint]) -> str:
    """Return the number of spoken requests, and the number of all if some were not spoken."""
    spoken = sum(point.spoken for point in points)
    sent = spoken + sum(point.refused + point.failed for point in points)
    return str(sent) if spoken == sent else f"{spoken} of {sent}"


def seconds(percentiles: Percentiles | None, digits: int = 2) -> str:
    """Return the three percentiles; nothing if there are none."""
    return _three(percentiles, 1, digits)


def milliseconds(percentiles: Percentiles | None) -> str:
    """Return the three percentiles; nothing if there are none."""
    return _three(percentiles, 1000, 0)


def _three(percentiles: Percentiles | None, scale: float, digits: int) -> str:
    if percentiles is None:
        return ""
    return " / ".join(f"{scale * each:.{digits}f}" for each in (percentiles.p50, percentiles.p95, percentiles.p99))


def spread(figures: Spread, digits: int = 1) -> str:
    """Return the median, followed by the smallest and the largest value."""
    return f"{figures.median:.{digits}f} ({figures.least:.{digits}f} to {figures.most:.{digits}f})"


def percent(cost: Spread) -> str:
    """Return the median, followed by the smallest and the largest value."""
    return f"{cost.median:.0%} ({cost.least:.0%} to {cost.most:.0%})"
