from dataclasses import replace

from perf.measurements import OUR_SPEECH, OUR_TRITON, PLAIN_PORT, UPSTREAM_SERVER, Load, LoadPoint, Series, Spread
from perf.report.comparison import Capacity, Group, audiences, cost, groups, measured, named, ratio, speed, tail
from tests.perf.invented import SECONDS_EACH, point, series


def test_ratios_are_taken_repeat_by_repeat() -> None:
    # Both were slow in the same repeat: the ratio of the medians would be 5.
    assert ratio(series("ours", 20.0, 4.0, 10.0), series("theirs", 2.0, 1.0, 5.0)) == Spread(4.0, 2.0, 10.0)


def test_no_ratio_to_a_run_that_was_broken_off_or_made_nothing() -> None:
    ours = series("ours", 20.0, 21.0)
    assert ratio(ours, series("theirs", 2.0)) is None
    assert ratio(ours, series("theirs", 2.0, 0.0)) is None


def test_cost_is_what_is_missing_of_the_whole() -> None:
    taken = cost(Spread(0.75, 0.5, 1.25))
    assert (taken.median, taken.least, taken.most) == (0.25, -0.25, 0.5)


def test_speed_is_the_median_with_its_spread() -> None:
    assert speed(series("ours", 3.0, 1.0, 2.0)) == Spread(2.0, 1.0, 3.0)


def test_series_without_a_repeat_were_not_measured() -> None:
    listed = [series("a", 1.0), Series("b", ())]
    assert measured(listed) == listed[:1]
    assert named(listed, "a") is listed[0]
    assert named(listed, "b") is None


def test_alternatives_stand_beside_their_counterparts_and_others_beside_the_first() -> None:
    ours, upstream, our_triton, plain, other = (
        series(name, 1.0) for name in (OUR_SPEECH, UPSTREAM_SERVER, OUR_TRITON, PLAIN_PORT, "another")
    )
    listed = [ours, our_triton, plain, upstream, other]
    assert groups(listed) == [Group(ours, (upstream, other)), Group(our_triton, (plain,))]
    assert groups([other, plain]) == [Group(other, (plain,))]
    assert groups([]) == []


def test_the_delay_of_streams_is_first_audio_and_that_of_whole_clips_latency() -> None:
    assert tail(series("streamed", 20.0, first_audio=1.0)) == ("first audio", 1.9)
    assert tail(series("whole", 20.0, 10.0, 40.0)) == ("latency", 9.6)


def by_clients(clients: int, *, stalled: int = 0, refused: int = 0) -> LoadPoint:
    return point(Load(clients), 10.0, spoken=100 - refused, stalled=stalled, refused=refused)


def by_rate(rate: float, *, refused: int = 0, audio: float | None = None) -> LoadPoint:
    speed = SECONDS_EACH * rate if audio is None else audio
    return point(Load(rate=rate), speed, spoken=100 - refused, refused=refused)


def capacity(*points: LoadPoint) -> tuple[str, list[float]]:
    """The capacity, and the audiences that are exceptions to it."""
    found = Capacity.of(audiences(points))
    return str(found), [audience.concurrency for audience in found.exceptions]


def test_each_client_is_one_listener() -> None:
    assert [audience.concurrency for audience in audiences([by_clients(4), by_clients(1)])] == [1.0, 4.0]


def test_a_rate_times_the_seconds_of_a_clip_is_the_number_of_listeners() -> None:
    assert [audience.concurrency for audience in audiences([by_rate(1.0), by_rate(2.0)])] == [5.0, 10.0]


def test_those_who_are_refused_wanted_to_listen_too() -> None:
    *_, beyond = audiences([by_rate(1.0), by_rate(4.0, refused=50, audio=10.0)])
    assert beyond.concurrency == 20.0
    assert beyond.listeners(beyond.satisfied) == 10.0


def test_lengths_are_those_of_all_texts_if_some_load_was_spoken_whole() -> None:
    only_short_ones = replace(by_rate(4.0, refused=50), requests_per_second=2 * 4.0)
    assert [audience.concurrency for audience in audiences([by_rate(1.0), only_short_ones])] == [5.0, 20.0]
    assert [audience.concurrency for audience in audiences([only_short_ones])] == [10.0]


def test_without_any_audio_a_rate_says_nothing_of_listeners() -> None:
    assert audiences([by_rate(4.0, refused=100, audio=0.0)]) == []


def test_the_capacity_is_the_largest_satisfied_audience() -> None:
    assert capacity(by_clients(4), by_clients(8), by_clients(16, stalled=1)) == ("holds 8 listeners in real time", [])
    assert capacity(by_clients(4), by_clients(8, refused=1)) == ("holds 4 listeners in real time", [])


def test_a_smaller_load_with_a_stall_is_an_exception() -> None:
    points = [by_clients(4, stalled=1), by_clients(8), by_clients(16, stalled=50)]
    assert capacity(*points) == ("holds 8 listeners in real time", [4.0])


def test_bounds_where_the_limit_was_not_met() -> None:
    assert capacity(by_clients(4), by_clients(8)) == ("holds at least 8 listeners in real time", [])
    assert capacity(by_clients(4, stalled=1)) == ("holds fewer than 4.0 listeners", [])
