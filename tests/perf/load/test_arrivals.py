from itertools import islice, pairwise
from statistics import fmean, pstdev

import pytest

from perf.load.arrivals import arrival_times


def test_gaps_are_those_of_a_poisson_process() -> None:
    gaps = [after - before for before, after in pairwise(islice(arrival_times(4.0), 20_000))]
    assert fmean(gaps) == pytest.approx(0.25, rel=0.03)
    assert pstdev(gaps) == pytest.approx(0.25, rel=0.03)  # exponential: as wide as they are long
    assert sum(gap < 0.25 for gap in gaps) / len(gaps) == pytest.approx(1 - 1 / 2.71828, abs=0.02)


def test_same_seed_is_the_same_moments() -> None:
    assert list(islice(arrival_times(2.0, seed=7), 5)) == list(islice(arrival_times(2.0, seed=7), 5))
    assert next(arrival_times(2.0, seed=7)) != next(arrival_times(2.0, seed=8))
