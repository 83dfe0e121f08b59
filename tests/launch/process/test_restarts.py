"""Restarts continue until they succeed."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from ipc import restart_pauses
from launch.errors import PortTaken, StartCancelled, StartFailed
from launch.process.restarts import Restarts
from launch.process.tethered_process import TetheredProcess
from tests.waiting import wait_until


class Sleeper:
    """A server: a process that does nothing. Its first `failures` starts fail."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.process: TetheredProcess | None = None

    def start(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.process = TetheredProcess(["sleep", "100"], environment={})

    def stop(self, timeout: float) -> None:
        if self.process:
            self.process.stop(timeout)
            self.process = None


@contextmanager
def restarting(kept: Restarts, server: Sleeper) -> Iterator[None]:
    """Restart the server in a thread, and cancel that at the end of the block."""
    stop = threading.Event()

    def restart() -> None:
        with suppress(StartCancelled):
            kept.run("it is silent", server.start, stop)

    thread = threading.Thread(target=restart, name="restarting")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def server() -> Iterator[Sleeper]:
    server = Sleeper()
    yield server
    server.stop(0)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def kept(server: Sleeper, said: list[str]) -> Restarts:
    return Restarts(server, "Triton", said.append)


def test_the_first_restart_comes_at_once(server: Sleeper, kept: Restarts, said: list[str]) -> None:
    kept.run("it died", server.start, threading.Event())
    assert said == ["restarting Triton: it died"]
    assert server.process
    assert server.process.exit_status is None


def test_a_restart_that_fails_is_tried_again_and_never_given_up(
    server: Sleeper, kept: Restarts, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_pauses, "PAUSES", (0.0, 0.01, 0.02))
    kept.run("it died", server.start, threading.Event())
    server.failures = [PortTaken("port 8000 is taken"), StartFailed("no model"), OSError("disk full")] * 10
    kept.run("it died again", server.start, threading.Event())
    assert server.process
    assert said[1:5] == [
        "restarting Triton in 0.01 s: it died again",
        "restarting Triton in 0.02 s: the restart failed: port 8000 is taken",
        "restarting Triton in 0.02 s: the restart failed: no model",
        "restarting Triton in 0.02 s: the restart failed: disk full",
    ]


def test_a_server_that_ran_well_is_restarted_at_once_again(
    server: Sleeper, kept: Restarts, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_pauses, "PAUSES", (0.0, 0.01))
    kept.run("first", server.start, threading.Event())
    kept.run("second", server.start, threading.Event())
    monkeypatch.setattr(restart_pauses, "STABLE_AFTER", 0.0)
    kept.run("third", server.start, threading.Event())
    assert said == [
        "restarting Triton: first",
        "restarting Triton in 0.01 s: second",
        "restarting Triton: third",
    ]


def test_a_pause_ends_when_the_user_asks_to_stop(server: Sleeper, kept: Restarts, said: list[str]) -> None:
    server.failures = [StartFailed("no model")] * 5
    with restarting(kept, server):
        wait_until(lambda: len(said) == 3, 5)
        began = time.monotonic()
    assert time.monotonic() - began < 0.5
    assert server.process is None


def test_a_failed_server_is_stopped_before_the_pause(
    server: Sleeper, kept: Restarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_pauses, "PAUSES", (0.0, 60.0))
    kept.run("it died", server.start, threading.Event())
    silent = server.process
    assert silent
    with restarting(kept, server):
        wait_until(lambda: silent.exit_status is not None, 5)
