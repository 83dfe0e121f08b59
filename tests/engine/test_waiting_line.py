import pytest

from engine.waiting_line import WaitingLine


def learned(audio: float) -> WaitingLine:
    """A line in which streams had so many seconds of audio."""
    line = WaitingLine()
    for _ in range(100):
        line.observe(audio)
    return line


def test_whoever_finds_a_place_does_not_wait() -> None:
    assert learned(8.0).wait(streams=15, places=16, times_real_time=20.0) == 0


def test_the_wait_is_for_the_audio_of_those_who_have_to_leave_first() -> None:
    assert learned(8.0).wait(streams=20, places=16, times_real_time=20.0) == pytest.approx(5 * 8 / 20, rel=0.01)
