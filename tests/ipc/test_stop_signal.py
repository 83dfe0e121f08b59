import os
import signal
import time
from collections.abc import Iterator

import pytest

from ipc.stop_signal import SIGNALS, StopSignal


@pytest.fixture(autouse=True)
def without_nohup() -> Iterator[None]:
    """Undo nohup, which the tests themselves may run under."""
    previous = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, previous)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_waiting(number: signal.Signals) -> None:
    with StopSignal() as stop:
        assert not stop.wait(0)
        os.kill(os.getpid(), number)
        assert stop.wait(5)
        assert stop.wait(0), "it is remembered"


def test_waiting_ends_in_time() -> None:
    with StopSignal() as stop:
        began = time.monotonic()
        assert not stop.wait(0.1)
        assert time.monotonic() - began < 1


def test_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with StopSignal():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_many_signals_do_not_block() -> None:
    with StopSignal() as stop:
        for _ in range(100_000):
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(0)


def test_nohup_is_obeyed() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignal() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.wait(0.1)
    finally:
        signal.signal(signal.SIGHUP, previous)
