"""The values that a request may have."""

import math

import pytest

from engine.errors import InvalidParameter
from engine.request import SamplingParameters, SpeechRequest
from text.options import ReadingOptions


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
    seeds = {
        SamplingParameters(seed=seed).sentence_seed(sentence, attempt)
        for seed in (None, 0, 1)
        for sentence in ("hello.", "hello!")
        for attempt in range(3)
    }
    assert len(seeds) == 18
    assert all(-(1 << 63) <= seed < 1 << 63 for seed in seeds)


def test_the_seed_of_a_sentence_is_the_same_in_every_version() -> None:
    assert SamplingParameters().sentence_seed("hello.", 0) == -2590895588328096403


@pytest.mark.parametrize(
    ("lexicon", "message"),
    [
        ((("a", ""),), "^lexicon: the respelling of 'a' has 0 characters"),
        (tuple((f"a{number}", "b") for number in range(501)), "^lexicon: the lexicon has 501 entries"),
        ((("a", 5),), "^lexicon: the respelling of 'a' must be a string"),
    ],
)
def test_a_wrong_lexicon_is_refused(lexicon: tuple[tuple[str, str], ...], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        SpeechRequest("Hello.", lexicon=lexicon)


@pytest.mark.parametrize(
    ("asked", "default", "plain"), [(None, False, False), (None, True, True), (False, True, False), (True, False, True)]
)
def test_a_request_may_differ_from_the_setting(asked: bool | None, default: bool, plain: bool) -> None:
    request = SpeechRequest("Hello.", plain=asked, lexicon=(("a", "b"),))
    assert request.reading_options(plain=default) == ReadingOptions(plain, (("a", "b"),))
