from perf.load.comparison import Cost, Group, Spread, groups, measured, named, ratio, speed, tail
from perf.load.results import OUR_SPEECH, OUR_TRITON, PLAIN_PORT, UPSTREAM_SERVER, Ratio, Series
from tests.perf.load.invented import series


def test_ratios_are_taken_repeat_by_repeat() -> None:
    # Both were slow together: the medians' ratio would be 5.
    assert ratio(series("ours", 20.0, 4.0, 10.0), series("theirs", 2.0, 1.0, 5.0)) == Ratio(4.0, 2.0, 10.0)


def test_no_ratio_to_a_run_that_was_broken_off_or_made_nothing() -> None:
    ours = series("ours", 20.0, 21.0)
    assert ratio(ours, series("theirs", 2.0)) is None
    assert ratio(ours, series("theirs", 2.0, 0.0)) is None


def test_cost_is_what_is_missing_of_the_whole() -> None:
    cost = Cost.of(Ratio(0.75, 0.5, 1.25))
    assert (cost.median, cost.least, cost.most) == (0.25, -0.25, 0.5)


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
