"""How many steps a beat has."""

import pytest

from engine.scheduling.beat_length import BeatLength, Listener

LENGTH = BeatLength(beats=(1, 2, 4, 8, 16), first_states=4)
BUFFERED = Listener(decoded_states=40, buffered=9.0)


def steps(*listeners: Listener, step_seconds: float = 0.01) -> int:
    return LENGTH.steps(listeners, step_seconds)


def test_the_first_audio_comes_from_the_shortest_exact_beat() -> None:
    assert [steps(Listener(states, None)) for states in (0, 1, 2, 3)] == [4, 2, 2, 1]


def test_audio_that_would_not_last_is_followed_at_once() -> None:
    assert steps(Listener(4, None)) == 1


@pytest.mark.parametrize(
    ("buffered", "count"), [(-1.0, 1), (0.02, 1), (0.05, 2), (0.1, 4), (0.2, 8), (1.0, 16), (9.0, 16)]
)
def test_beats_grow_with_the_buffered_audio(buffered: float, count: int) -> None:
    assert steps(Listener(40, buffered)) == count


def test_audio_comes_at_a_steady_rate_even_if_steps_are_slow() -> None:
    assert [steps(BUFFERED, step_seconds=seconds) for seconds in (0.001, 0.03, 0.1, 1.0)] == [16, 8, 2, 1]


def test_the_shortest_beat_that_anyone_needs_is_taken() -> None:
    assert steps(BUFFERED, Listener(0, None), Listener(40, 0.1)) == 4
    assert steps(BUFFERED, Listener(40, 0.05)) == 2


def test_whole_clips_have_long_beats() -> None:
    assert steps() == 8


def test_a_device_may_have_few_lengths() -> None:
    length = BeatLength(beats=(4, 8), first_states=4)
    assert [length.steps([Listener(40, buffered)], 0.01) for buffered in (0.0, 0.1, 9.0)] == [4, 4, 8]
