"""The model of a step's duration."""

import pytest

from engine.scheduling.step_cost import StepCost

FIXED, ROW = 0.010, 0.002


def learned(*sizes: int, prompts: float = 0.0) -> StepCost:
    """Return a model of steps of these sizes, on a machine where a step takes 10 ms and 2 ms for each row."""
    cost = StepCost([(1, 0.5), (64, 0.9)])
    for _ in range(300):
        for rows in sizes:
            seconds = FIXED + ROW * rows
            cost.observe(rows, seconds, prompts * seconds)
    return cost


def test_steps_of_many_sizes_determine_both_parts() -> None:
    cost = learned(4, 8, 16, 24)
    assert cost.seconds(40) == pytest.approx(FIXED + ROW * 40, rel=0.05)
    assert cost.rows(0.050) == pytest.approx(20, abs=1)


def test_steps_of_one_size_are_known_and_larger_ones_are_overestimated() -> None:
    cost = learned(2)
    assert cost.seconds(2) == pytest.approx(FIXED + ROW * 2, rel=0.01)
    assert FIXED + ROW * 20 < cost.seconds(20) < 10 * cost.seconds(2)


def test_a_measurement_that_was_disturbed_is_forgotten() -> None:
    assert StepCost([(1, 0.5), (64, 0.9)]).rows(0.050) == 1
    assert learned(1).rows(0.050) > 5


def test_prompts_add_their_share_to_a_step() -> None:
    assert learned(4, 8, 16, 24, prompts=0.25).seconds(10) == pytest.approx(1.25 * (FIXED + ROW * 10), rel=0.05)


def test_a_step_has_one_row_at_least() -> None:
    assert learned(4, 8).rows(0.0) == 1


def test_one_step_on_a_machine_that_was_paused_is_soon_forgotten() -> None:
    cost = learned(4, 8, 16, 24)
    most = cost.rows(0.050)
    cost.observe(16, 5.0, 0.0)
    assert cost.rows(0.050) >= 0.8 * most
    for _ in range(20):
        cost.observe(16, FIXED + ROW * 16, 0.0)
    assert cost.rows(0.050) >= 0.9 * most


def test_a_machine_that_stays_slow_is_learned() -> None:
    cost = learned(4, 8, 16, 24)
    for _ in range(300):
        for rows in (4, 8, 16, 24):
            cost.observe(rows, 20 * (FIXED + ROW * rows), 0.0)
    assert cost.seconds(16) == pytest.approx(20 * (FIXED + ROW * 16), rel=0.1)
