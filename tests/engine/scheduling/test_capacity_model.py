"""How much a step may take on."""

import math

import pytest

from engine.scheduling.capacity_model import CapacityModel
from engine.scheduling.step_cost import StepCost


def model_with_step(step_seconds: float) -> CapacityModel:
    """A machine on which a step takes so long and each prompt token 0.5 ms."""
    model = CapacityModel(StepCost([(1, step_seconds)]))
    for _ in range(100):
        model.observe(step_seconds, 0.0, 0, rows=1)
        model.observe(step_seconds, 0.020, 40, rows=1)
        model.observe(step_seconds, 0.200, 400, rows=1)
    return model


def model_with_row_cost() -> CapacityModel:
    """A machine on which a step takes 10 ms, and 2 ms for each row."""
    model = CapacityModel(StepCost([(1, 0.012)]))
    for _ in range(100):
        for rows in (2, 8, 16, 24):
            model.observe(0.010 + 0.002 * rows, 0.0, 0, rows)
    return model


def test_it_learns_what_a_step_takes() -> None:
    assert model_with_step(0.010).step_seconds == pytest.approx(0.010)


def test_with_nobody_listening_prompts_take_all_they_may() -> None:
    assert model_with_step(0.010).prompt_tokens(512, math.inf) == 512


def test_steps_with_prompts_take_no_longer_than_the_audio_lasts_that_they_make() -> None:
    assert model_with_step(0.010).prompt_tokens(512, 0.0) == 64  # 51 ms - 10 ms, at 0.5 ms each: 82


def test_listeners_with_audio_left_can_wait_for_longer_prompts() -> None:
    assert model_with_step(0.040).prompt_tokens(512, 1.0) == 224  # an eighth of it
    assert model_with_step(0.040).prompt_tokens(512, 0.1) == 32


def test_prompts_never_get_nothing() -> None:
    assert model_with_step(0.100).prompt_tokens(512, -1.0) == 32
    assert model_with_step(0.100).prompt_tokens(8, -1.0) == 8


def test_it_takes_on_as_many_streams_as_stay_ahead_of_their_listeners() -> None:
    assert model_with_row_cost().stream_capacity() == pytest.approx(20, abs=1)  # 51 ms


def test_a_listener_close_to_running_dry_shortens_the_steps() -> None:
    assert model_with_row_cost().rows(0.0) == model_with_row_cost().stream_capacity()


def test_listeners_with_much_audio_left_can_wait_for_steps_of_more_rows() -> None:
    assert model_with_row_cost().rows(2.0) == pytest.approx(57, abs=2)  # 125 ms


def test_with_nobody_listening_a_step_takes_all_there_is() -> None:
    assert model_with_row_cost().rows(math.inf) > 1_000_000


def test_audio_made_a_second() -> None:
    assert model_with_row_cost().times_real_time(20) == pytest.approx(20 * 0.064 / 0.050, rel=0.05)
