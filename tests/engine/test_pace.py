"""How much of a step may go to prompts."""

import math

import pytest

from engine.pace import Pace


def pace(step_seconds: float) -> Pace:
    """A machine on which a step takes so long and each prompt token 0.5 ms."""
    pace = Pace()
    for _ in range(100):
        pace.observe(step_seconds, 0.0, 0)
        pace.observe(step_seconds, 0.020, 40)
    return pace


def test_it_learns_what_a_step_takes() -> None:
    assert pace(0.010).step_seconds == pytest.approx(0.010)


def test_with_nobody_listening_prompts_take_all_they_may() -> None:
    assert pace(0.010).prompt_tokens(512, math.inf) == 512


def test_steps_with_prompts_take_no_longer_than_the_audio_lasts_that_they_make() -> None:
    assert pace(0.010).prompt_tokens(512, 0.0) == 80  # 51 ms - 10 ms, at 0.5 ms each


def test_listeners_with_audio_left_can_wait_for_twice_the_step() -> None:
    assert pace(0.040).prompt_tokens(512, 5.0) == 80
    assert pace(0.040).prompt_tokens(512, 0.1) == 16


def test_prompts_never_get_nothing() -> None:
    assert pace(0.100).prompt_tokens(512, -1.0) == 16
    assert pace(0.100).prompt_tokens(8, -1.0) == 8
