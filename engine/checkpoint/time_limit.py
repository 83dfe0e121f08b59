"""Timeouts for calls that have none of their own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class MinimumRate:
    """At least `amount` in every `seconds`."""

    amount: float
    seconds: float


class TooSlow(TimeoutError):
    """A call was slower than its minimum rate; `done` is its progress in `seconds`."""

    def __init__(self, done: float, seconds: float) -> None:
        super().__init__(f"only {done:g} in {seconds:g} seconds")
        self.done = done
        self.seconds = seconds


def with_timeout(seconds: float, call: Callable[[], T]) -> T:
    """Return the result of `call` or raise its exception; raise `TimeoutError` after `seconds`.

    The call is not stopped then: it continues on a daemon thread, for which the process does not wait at its end.
    """
    outcome = _in_thread(call)
    if not wait([outcome], seconds).done:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return outcome.result()


def at_minimum_rate(
    rate: MinimumRate | None, call: Callable[[], T], progress: Callable[[], float], interval: float = 1.0
) -> T:
    """Return the result of `call` or raise its exception; raise `TooSlow` if `progress` is slower than `rate`.

    Without a rate there is no limit. `progress` is called every `interval` seconds. As with `with_timeout`, the call is
    not stopped.
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
