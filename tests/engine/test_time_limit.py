"""A call with a limit on its time."""

import threading
import time

import pytest

from engine.time_limit import within


def test_what_a_call_returns() -> None:
    assert within(10, lambda: 3) == 3


def test_what_a_call_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 // 0)


def test_a_timeout_of_the_calls_own() -> None:
    def give_up() -> None:
        raise TimeoutError("the call's own")

    with pytest.raises(TimeoutError, match="the call's own"):
        within(10, give_up)


def test_a_call_that_takes_too_long() -> None:
    released = threading.Event()
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.2 seconds"):
        within(0.2, lambda: released.wait(30))
    assert time.monotonic() - begun < 15
    released.set()
