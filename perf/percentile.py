"""Percentiles."""

import math
from collections.abc import Iterable


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest of `values` that at least `share` (0 to 1) of them do not exceed: the nearest rank.

    So it is a value that was measured, and of few values the 99th percentile is the largest.
    """
    ascending = sorted(values)
    if not ascending:
        raise ValueError("there is no percentile of no values")
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]
