import pytest

from engine.scheduling.waiting_line import Load, WaitingLine


def learned(audio: float) -> WaitingLine:
    """A line in which streams had so many seconds of audio."""
    line = WaitingLine()
    for _ in range(100):
        line.observe(audio)
    return line


def test_the_audio_of_a_typical_stream_is_learned() -> None:
    assert learned(8.0).audio == pytest.approx(8.0, rel=0.01)


def test_a_stream_that_finds_a_place_does_not_wait() -> None:
    assert Load(streams=15, places=16, turn_seconds=0.4).wait(0) == 0


def test_the_wait_is_for_those_who_have_to_leave_first() -> None:
    assert Load(streams=18, places=16, turn_seconds=0.4).wait(2) == pytest.approx(5 * 0.4)
