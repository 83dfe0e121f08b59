import pytest

from perf.burst import Burst, BurstRun
from tests.perf.conftest import stream

QUIET = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4, 0.5),), ())


def test_same_chunks_are_compared() -> None:
    # The gap before the burst was longer in this run too, which the burst has nothing to do with.
    crowded = BurstRun(0.25, (stream(0.01, 0.2, 0.3, 0.45, 0.55),), (stream(0.6),))
    burst = Burst.of([(QUIET, crowded)])
    assert burst.delay == pytest.approx(0.05)
    assert burst.quiet_step == pytest.approx(0.01)
    assert burst.delay_steps == pytest.approx(5)
    assert (burst.longest_gap, burst.longest_gap_quiet) == pytest.approx((0.15, 0.1))


def test_most_delayed_stream_counts() -> None:
    crowded = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4), stream(0.1, 0.2, 0.35, 0.45)), (stream(0.6),))
    quiet = BurstRun(0.25, QUIET.running * 2, ())
    assert Burst.of([(quiet, crowded)]).delay == pytest.approx(0.05)


def test_slower_steps_are_told_apart_from_a_pause() -> None:
    # Each step takes 2 ms more from the burst on, and one chunk waits for 30 ms besides.
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
    # Ahead by 2 s and more at the burst; before it, by 0.9 s.
    crowded = BurstRun(0.25, (stream(0.1, 0.2, 0.3, 0.4),), (stream(0.6),))
    assert Burst.of([(QUIET, crowded)]).smallest_lead == pytest.approx(1.8)
