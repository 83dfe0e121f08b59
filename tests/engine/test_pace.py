"""How much of a step may go to prompts."""

import math

import pytest

from engine.pace import Pace


@pytest.fixture
def pace() -> Pace:
    """A machine on which a step takes 10 ms and each prompt token 0.5 ms."""
    pace = Pace()
    for _ in range(100):
        pace.observe(0.010, 0)
        pace.observe(0.010 + 0.020, 40)
    return pace


def test_it_learns_what_a_step_takes(pace: Pace) -> None:
    assert pace.step_seconds == pytest.approx(0.010)


def test_with_nobody_listening_prompts_take_all_they_may(pace: Pace) -> None:
    assert pace.prompt_tokens(512, math.inf) == 512


def test_while_somebody_listens_prompts_take_no_longer_than_the_step_itself(pace: Pace) -> None:
    assert pace.prompt_tokens(512, 5.0) == pytest.approx(20, abs=1)


def test_they_take_less_if_a_listener_is_about_to_run_dry_but_never_nothing(pace: Pace) -> None:
    assert pace.prompt_tokens(512, 0.02) == 16
    assert pace.prompt_tokens(512, -1.0) == 16
    assert pace.prompt_tokens(8, -1.0) == 8
