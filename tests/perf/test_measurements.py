"""The figures of the requests under one load."""

import pytest

from measuring.stream import Arrival, Stream
from perf.measurements import Load, LoadPoint, RequestResult, Status, percentile


def spoken(sent: float, *times: float, audio: float = 1.0) -> RequestResult:
    """A request whose chunks of `audio` seconds came at `times`."""
    stream = Stream(sent, tuple(Arrival(time, audio) for time in times))
    return RequestResult(sent, stream.ended, Status.SPOKEN, stream)


def refused(sent: float) -> RequestResult:
    return RequestResult(sent, sent, Status.REFUSED)


def test_throughput_is_from_the_first_request_to_the_end_of_the_last_answer() -> None:
    point = LoadPoint.of(Load(clients=2), [spoken(1.0, 3.0, audio=4.0), spoken(1.0, 5.0, audio=8.0), spoken(3.0, 4.0)])
    assert point.times_real_time == pytest.approx(13.0 / 4.0)
    assert point.requests_per_second == pytest.approx(3 / 4.0)


def test_a_server_that_lets_requests_wait_is_as_fast_as_one_that_does_not_take_them() -> None:
    queued = [spoken(0.0, 1.0), spoken(0.0, 2.0), spoken(0.0, 3.0)]
    in_turn = [spoken(0.0, 1.0), spoken(1.0, 2.0), spoken(2.0, 3.0)]
    assert (
        LoadPoint.of(Load(clients=3), queued).times_real_time == LoadPoint.of(Load(clients=1), in_turn).times_real_time
    )


def test_refused_and_failed_are_counted_and_have_no_times() -> None:
    failed = RequestResult(0.0, 1.0, Status.FAILED)
    point = LoadPoint.of(Load(rate=1.0), [spoken(0.0, 1.0), refused(0.5), failed])
    assert (point.spoken, point.refused, point.failed) == (1, 1, 1)
    assert point.latency is not None
    assert point.latency.p99 == 1.0


def test_nothing_spoken_has_no_percentiles() -> None:
    point = LoadPoint.of(Load(rate=1.0), [refused(0.0), refused(1.0)])
    assert (point.times_real_time, point.first_audio, point.latency, point.stall) == (0.0, None, None, None)


def test_first_sound_is_that_of_the_streams_in_which_it_is_known() -> None:
    heard = RequestResult(0.0, 1.0, Status.SPOKEN, Stream(0.0, (Arrival(1.0, 1.0),), silence=0.25))
    point = LoadPoint.of(Load(clients=1), [heard, spoken(0.0, 1.0)])
    assert point.first_sound is not None
    assert (point.first_sound.p50, point.first_sound.p99) == (1.25, 1.25)
    assert LoadPoint.of(Load(clients=1), [spoken(0.0, 1.0)]).first_sound is None


def test_a_short_silence_is_no_stall() -> None:
    # The second chunk is late by 40 ms, and by 60 ms.
    point = LoadPoint.of(Load(clients=2), [spoken(0.0, 1.0, 2.04), spoken(0.0, 1.0, 2.06)])
    assert point.stalled == 1


def test_no_requests_have_no_figures() -> None:
    with pytest.raises(ValueError, match="no requests"):
        LoadPoint.of(Load(clients=1), [])


def test_a_load_is_one_of_two() -> None:
    for wrong in ({}, {"clients": 1, "rate": 1.0}):
        with pytest.raises(ValueError, match="give one of them"):
            Load(**wrong)  # type: ignore[arg-type]
    assert (str(Load(clients=3)), str(Load(rate=1.5))) == ("3 clients", "1.50 requests a second")


def test_median_of_an_odd_number() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_median_of_an_even_number_is_one_of_them() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0


def test_99th_of_few_values_is_the_largest() -> None:
    assert percentile(range(48), 0.99) == 47


def test_99th_of_many_values_leaves_one_percent_out() -> None:
    assert percentile(range(1, 1001), 0.99) == 990


def test_0th_is_the_smallest() -> None:
    assert percentile([2.0, 1.0], 0.0) == 1.0


def test_no_values_have_none() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
