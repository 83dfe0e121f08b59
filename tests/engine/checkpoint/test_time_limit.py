"""Calls with a timeout or a minimum rate."""

import threading
import time

import pytest

from engine.checkpoint.time_limit import MinimumRate, TooSlow, at_minimum_rate, with_timeout


def test_what_a_call_returns() -> None:
    assert with_timeout(10, lambda: 3) == 3


def test_what_a_call_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        with_timeout(10, lambda: 1 // 0)


def test_a_timeout_of_the_calls_own() -> None:
    def give_up() -> None:
        raise TimeoutError("the call's own")

    with pytest.raises(TimeoutError, match="the call's own"):
        with_timeout(10, give_up)


def test_a_call_that_takes_too_long() -> None:
    released = threading.Event()
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.2 seconds"):
        with_timeout(0.2, lambda: released.wait(30))
    assert time.monotonic() - begun < 15
    released.set()


def test_a_call_above_the_minimum_rate_may_take_any_time() -> None:
    done: list[int] = []

    def work() -> int:
        for step in range(6):
            time.sleep(0.1)
            done.append(step)
        return len(done)

    assert at_minimum_rate(MinimumRate(1, 0.25), work, lambda: len(done), interval=0.02) == 6


def test_a_call_below_the_minimum_rate() -> None:
    released = threading.Event()
    done = [3.0]
    with pytest.raises(TooSlow, match="only 0 in"):
        at_minimum_rate(MinimumRate(1, 0.2), lambda: released.wait(30), lambda: sum(done), interval=0.02)
    released.set()


def test_without_a_rate_there_is_no_limit() -> None:
    assert at_minimum_rate(None, lambda: time.sleep(0.3), lambda: 0.0, interval=0.02) is None
