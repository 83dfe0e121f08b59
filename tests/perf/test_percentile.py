import pytest

from perf.percentile import percentile


def test_median_of_an_odd_number() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_median_of_an_even_number_is_one_of_them() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0


def test_99th_of_few_values_is_the_largest() -> None:
    assert percentile(range(48), 0.99) == 47


def test_99th_of_many_values_leaves_one_percent_out() -> None:
    assert percentile(range(1, 1001), 0.99) == 990


def test_0th_is_the_smallest() -> None:
    assert percentile([2.0, 1.0], 0.0) == 1.0


def test_no_values_have_none() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
