"""The values that a request may have."""

import math

import pytest

from engine.errors import InvalidParameter
from engine.request import SamplingParameters, SpeechRequest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("top_p", 1.1),
        ("top_k", -1),
        ("repetition_penalty", 0.0),
        ("retries", 11),
        ("seed", 1 << 63),
    ],
)
def test_a_parameter_out_of_range_is_named(name: str, value: float) -> None:
    with pytest.raises(InvalidParameter, match=f"^{name} must be between"):
        SamplingParameters(**{name: value})  # type: ignore[arg-type]


def test_the_defaults_are_upstreams() -> None:
    parameters = SamplingParameters()
    assert (parameters.temperature, parameters.top_p, parameters.top_k) == (0.0, 0.95, 50)
    assert parameters.repetition_penalty == 1.2


def test_seeds_depend_on_the_request_the_sentence_and_the_attempt() -> None:
    request = SpeechRequest("Hello.")
    seeds = {request.sentence_seed(index, attempt) for index in range(3) for attempt in range(3)}
    assert len(seeds) == 9
    assert request.sentence_seed(0, 0) == SpeechRequest("Hello.").sentence_seed(0, 0)
    assert request.sentence_seed(0, 0) != SpeechRequest("Hello!").sentence_seed(0, 0)
    seeded = SpeechRequest("Hello.", SamplingParameters(seed=1))
    assert seeded.sentence_seed(0, 0) == SpeechRequest("Other.", SamplingParameters(seed=1)).sentence_seed(0, 0)
    assert all(-(1 << 63) <= seed < 1 << 63 for seed in seeds)
