"""How much work a step can take."""

import math

import pytest

from engine.scheduling.capacity_model import CapacityModel
from engine.scheduling.step_cost import StepCost


def model_with_step(step_seconds: float) -> CapacityModel:
    """Return the model of a machine on which a step takes `step_seconds`, and each prompt token 0.5 ms."""
    model = CapacityModel(StepCost([(1, step_seconds)]))
    for _ in range(100):
        model.observe(step_seconds, 0.0, 0, rows=1)
        model.observe(step_seconds, 0.020, 40, rows=1)
        model.observe(step_seconds, 0.200, 400, rows=1)
    return model


def model_with_row_cost() -> CapacityModel:
    """Return the model of a machine on which a step takes 10 ms, and 2 ms for each row."""
    model = CapacityModel(StepCost([(1, 0.012)]))
    for _ in range(100):
        for rows in (2, 8, 16, 24):
            model.observe(0.010 + 0.002 * rows, 0.0, 0, rows)
    return model


def test_it_learns_what_a_step_takes() -> None:
    assert model_with_step(0.010).step_seconds == pytest.approx(0.010)


def test_without_active_streams_prompts_have_the_full_limit() -> None:
    assert model_with_step(0.010).prompt_tokens(512, math.inf) == 512


def test_a_step_with_prompts_is_no_longer_than_its_audio() -> None:
    assert model_with_step(0.010).prompt_tokens(512, 0.0) == 64  # 51 ms - 10 ms, at 0.5 ms each: 82


def test_buffered_audio_allows_more_prompt_tokens() -> None:
    assert model_with_step(0.040).prompt_tokens(512, 1.0) == 224  # an eighth of the buffered second
    assert model_with_step(0.040).prompt_tokens(512, 0.1) == 32


def test_every_step_may_read_some_prompt_tokens() -> None:
    assert model_with_step(0.100).prompt_tokens(512, -1.0) == 32
    assert model_with_step(0.100).prompt_tokens(8, -1.0) == 8


def test_the_stream_capacity_is_what_runs_in_real_time() -> None:
    assert model_with_row_cost().stream_capacity() == pytest.approx(20, abs=1)  # 51 ms


def test_a_stream_close_to_an_underrun_shortens_the_steps() -> None:
    assert model_with_row_cost().rows(0.0) == model_with_row_cost().stream_capacity()


def test_buffered_audio_allows_steps_of_more_rows() -> None:
    assert model_with_row_cost().rows(2.0) == pytest.approx(57, abs=2)  # 125 ms


def test_without_active_streams_rows_are_not_limited() -> None:
    assert model_with_row_cost().rows(math.inf) > 1_000_000


def test_speed_in_multiples_of_real_time() -> None:
    assert model_with_row_cost().times_real_time(20) == pytest.approx(20 * 0.064 / 0.050, rel=0.05)
