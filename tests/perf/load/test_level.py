"""What the requests of one load come to."""

import pytest

from perf.load.level import Level
from perf.load.load import Load
from perf.load.outcome import Fate, Outcome
from perf.stream import Arrival, Stream


def spoken(sent: float, *times: float, audio: float = 1.0) -> Outcome:
    """A request whose chunks of `audio` seconds came at `times`."""
    stream = Stream(sent, tuple(Arrival(time, audio) for time in times))
    return Outcome(sent, stream.ended, Fate.SPOKEN, stream)


def refused(sent: float) -> Outcome:
    return Outcome(sent, sent, Fate.REFUSED)


def test_throughput_is_from_the_first_request_to_the_end_of_the_last_answer() -> None:
    level = Level.of(Load(clients=2), [spoken(1.0, 3.0, audio=4.0), spoken(1.0, 5.0, audio=8.0), spoken(3.0, 4.0)])
    assert level.times_real_time == pytest.approx(13.0 / 4.0)
    assert level.requests_per_second == pytest.approx(3 / 4.0)


def test_a_server_that_lets_requests_wait_is_as_fast_as_one_that_does_not_take_them() -> None:
    queued = [spoken(0.0, 1.0), spoken(0.0, 2.0), spoken(0.0, 3.0)]
    in_turn = [spoken(0.0, 1.0), spoken(1.0, 2.0), spoken(2.0, 3.0)]
    assert Level.of(Load(clients=3), queued).times_real_time == Level.of(Load(clients=1), in_turn).times_real_time


def test_refused_and_failed_are_counted_and_have_no_times() -> None:
    failed = Outcome(0.0, 1.0, Fate.FAILED)
    level = Level.of(Load(rate=1.0), [spoken(0.0, 1.0), refused(0.5), failed])
    assert (level.spoken, level.refused, level.failed) == (1, 1, 1)
    assert level.latency is not None
    assert level.latency.p99 == 1.0


def test_nothing_spoken_has_no_percentiles() -> None:
    level = Level.of(Load(rate=1.0), [refused(0.0), refused(1.0)])
    assert (level.times_real_time, level.first_audio, level.latency, level.stall) == (0.0, None, None, None)


def test_a_short_silence_is_no_stall() -> None:
    # The second chunk is late by 40 ms, and by 60 ms.
    level = Level.of(Load(clients=2), [spoken(0.0, 1.0, 2.04), spoken(0.0, 1.0, 2.06)])
    assert level.stalled == 1


def test_no_requests_have_no_figures() -> None:
    with pytest.raises(ValueError, match="no requests"):
        Level.of(Load(clients=1), [])


def test_a_load_is_one_of_two() -> None:
    for wrong in ({}, {"clients": 1, "rate": 1.0}):
        with pytest.raises(ValueError, match="give one of them"):
            Load(**wrong)  # type: ignore[arg-type]
    assert (str(Load(clients=3)), str(Load(rate=1.5))) == ("3 clients", "1.50 requests a second")
