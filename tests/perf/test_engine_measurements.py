from dataclasses import replace

import pytest

from measuring.stream import Stream
from perf.engine_measurements import Burst, BurstRun
from tests.perf.conftest import stream

QUIET = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4, 0.5),), ())


def test_same_audio_is_compared() -> None:
    # The gap before the burst was longer too, but the burst did not cause it.
    crowded = BurstRun(0.25, (stream(0.01, 0.2, 0.3, 0.45, 0.55),), (stream(0.6),))
    burst = Burst.of([(QUIET, crowded)])
    assert burst.delay == pytest.approx(0.05)
    assert burst.quiet_step == pytest.approx(0.01)
    assert burst.delay_steps == pytest.approx(5)
    assert (burst.longest_gap, burst.longest_gap_quiet) == pytest.approx((0.15, 0.1))


def test_chunks_need_not_be_cut_alike() -> None:
    # One chunk has the audio of two, and came at the time of the second.
    first, second, third, *others = QUIET.running[0].arrivals
    double = replace(others[0], audio=third.audio + others[0].audio)
    crowded = BurstRun(0.25, (Stream(0.0, (first, second, double, *others[1:])),), (stream(0.6),))
    assert Burst.of([(QUIET, crowded)]).delay == pytest.approx(0, abs=1e-9)


def test_a_pause_in_which_the_engine_does_other_steps_is_a_delay() -> None:
    # Four steps of 10 ms for other streams only: the steps are not slower, but the stream waits.
    *before, last = QUIET.running[0].arrivals
    late = replace(last, time=last.time + 0.04, steps=last.steps + 4)
    crowded = BurstRun(0.25, (Stream(0.0, (*before, late)),), (stream(0.6),))
    burst = Burst.of([(QUIET, crowded)])
    assert burst.delay_steps == pytest.approx(4)
    assert burst.delay_of_slower_steps == pytest.approx(0)


def test_audio_that_the_quiet_run_lacks_is_not_compared() -> None:
    # A sentence may end elsewhere, because two tokens were almost equally likely.
    longer = stream(0.1, 0.2, 0.3, 0.4, 0.5, 0.9)
    assert Burst.of([(QUIET, BurstRun(0.25, (longer,), (stream(0.6),)))]).delay == pytest.approx(0)


def test_most_delayed_stream_counts() -> None:
    crowded = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4), stream(0.1, 0.2, 0.35, 0.45)), (stream(0.6),))
    quiet = BurstRun(0.25, QUIET.running * 2, ())
    assert Burst.of([(quiet, crowded)]).delay == pytest.approx(0.05)


def test_slower_steps_are_told_apart_from_a_pause() -> None:
    # After the burst each step takes 2 ms longer, and one chunk waits for 30 ms in addition.
    crowded = BurstRun(0.25, (stream(0.1, 0.2, 0.32, 0.47, 0.59),), (stream(0.6),))
    burst = Burst.of([(QUIET, crowded)])
    assert burst.crowded_step == pytest.approx(0.012)
    assert burst.delay == pytest.approx(0.05)
    assert burst.delay_of_slower_steps == pytest.approx(0.02)


def test_median_of_the_repeats() -> None:
    delays = (0.01, 0.5, 0.02)
    repeats = [
        (QUIET, BurstRun(0.25, (stream(0.1, 0.2, 0.3 + delay, 0.4 + delay),), (stream(delay),))) for delay in delays
    ]
    burst = Burst.of(repeats)
    assert burst.delay == pytest.approx(0.02)
    assert burst.first_audio_p99 == 0.5


def test_lead_after_the_burst() -> None:
    # Two chunks of 0.64 s had arrived and 0.2 s were played; less was buffered before the burst.
    crowded = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4),), (stream(0.6),))
    assert Burst.of([(QUIET, crowded)]).least_buffered == pytest.approx(1.08)
