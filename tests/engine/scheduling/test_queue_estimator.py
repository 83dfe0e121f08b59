"""The estimate of how long a new stream waits."""

import pytest

from engine.scheduling.queue_estimator import Load, QueueEstimator


def after_streams_of(seconds: float) -> QueueEstimator:
    """An estimator that has observed streams with `seconds` of audio."""
    estimator = QueueEstimator()
    for _ in range(100):
        estimator.observe(seconds)
    return estimator


def test_the_audio_of_a_typical_stream_is_learned() -> None:
    assert after_streams_of(8.0).stream_seconds == pytest.approx(8.0, rel=0.01)


def test_a_stream_below_the_capacity_does_not_wait() -> None:
    assert Load(streams=15, stream_capacity=16, departure_interval=0.4).wait(0) == 0


def test_a_stream_beyond_the_capacity_waits_until_enough_others_have_ended() -> None:
    assert Load(streams=18, stream_capacity=16, departure_interval=0.4).wait(2) == pytest.approx(5 * 0.4)
