"""Limits on the time of calls that have none of their own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class MinimumRate:
    """At least `amount` in each `seconds`."""

    amount: float
    seconds: float


class TooSlow(TimeoutError):
    """A call did not keep the pace; `done` is what it did in `seconds`."""

    def __init__(self, done: float, seconds: float) -> None:
        super().__init__(f"only {done:g} in {seconds:g} seconds")
        self.done = done
        self.seconds = seconds


def with_timeout(seconds: float, call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises; `TimeoutError` once it has taken `seconds`.

    Nothing can end it then: it goes on in a thread of its own, which is not waited for even when the process ends.
    """
    outcome = _in_thread(call)
    if not wait([outcome], seconds).done:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return outcome.result()


def at_minimum_rate(
    rate: MinimumRate | None, call: Callable[[], T], progress: Callable[[], float], interval: float = 1.0
) -> T:
    """Return what `call` returns, or raise what it raises; `TooSlow` once `progress` did not keep the rate.

    Without a pace it may take any time. `progress` is asked every `interval` seconds. As with `within`, nothing ends
    the call.
    """
    outcome = _in_thread(call)
    since, before = time.monotonic(), progress()
    while not wait([outcome], interval).done:
        now, amount = time.monotonic(), progress()
        if rate and now - since >= rate.seconds:
            if amount - before < rate.amount:
                raise TooSlow(amount - before, now - since)
            since, before = now, amount
    return outcome.result()


def _in_thread(call: Callable[[], T]) -> "Future[T]":
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="limited", daemon=True).start()
    return outcome
