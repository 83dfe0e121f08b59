"""How much a step may take on."""

import math

import pytest

from engine.scheduling.pace import Pace
from engine.scheduling.step_cost import StepCost


def pace(step_seconds: float) -> Pace:
    """A machine on which a step takes so long and each prompt token 0.5 ms."""
    pace = Pace(StepCost([(1, step_seconds)]))
    for _ in range(100):
        pace.observe(step_seconds, 0.0, 0, rows=1)
        pace.observe(step_seconds, 0.020, 40, rows=1)
        pace.observe(step_seconds, 0.200, 400, rows=1)
    return pace


def pace_by_rows() -> Pace:
    """A machine on which a step takes 10 ms, and 2 ms for each row."""
    pace = Pace(StepCost([(1, 0.012)]))
    for _ in range(100):
        for rows in (2, 8, 16, 24):
            pace.observe(0.010 + 0.002 * rows, 0.0, 0, rows)
    return pace


def test_it_learns_what_a_step_takes() -> None:
    assert pace(0.010).step_seconds == pytest.approx(0.010)


def test_with_nobody_listening_prompts_take_all_they_may() -> None:
    assert pace(0.010).prompt_tokens(512, math.inf) == 512


def test_steps_with_prompts_take_no_longer_than_the_audio_lasts_that_they_make() -> None:
    assert pace(0.010).prompt_tokens(512, 0.0) == 64  # 51 ms - 10 ms, at 0.5 ms each: 82


def test_listeners_with_audio_left_can_wait_for_longer_prompts() -> None:
    assert pace(0.040).prompt_tokens(512, 1.0) == 224  # an eighth of it
    assert pace(0.040).prompt_tokens(512, 0.1) == 32


def test_prompts_never_get_nothing() -> None:
    assert pace(0.100).prompt_tokens(512, -1.0) == 32
    assert pace(0.100).prompt_tokens(8, -1.0) == 8


def test_it_takes_on_as_many_streams_as_stay_ahead_of_their_listeners() -> None:
    assert pace_by_rows().listeners() == pytest.approx(20, abs=1)  # 51 ms


def test_a_listener_close_to_running_dry_shortens_the_steps() -> None:
    assert pace_by_rows().rows(0.0) == pace_by_rows().listeners()


def test_listeners_with_much_audio_left_can_wait_for_steps_of_more_rows() -> None:
    assert pace_by_rows().rows(2.0) == pytest.approx(57, abs=2)  # 125 ms


def test_with_nobody_listening_a_step_takes_all_there_is() -> None:
    assert pace_by_rows().rows(math.inf) > 1_000_000


def test_audio_made_a_second() -> None:
    assert pace_by_rows().times_real_time(20) == pytest.approx(20 * 0.064 / 0.050, rel=0.05)
