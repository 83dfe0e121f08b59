"""What the server sees of an engine's process that behaves badly, and of the one that forks it."""

import os
import signal
from collections.abc import Iterator

import pytest

from engine.engine_process import EngineDied, EngineProcess
from ipc.fork_server import ForkServer
from launch.process.process_table import children, parent_of, start_time
from tests.waiting import wait_until

MODULE = "tests.engine.half_a_message"


@pytest.fixture
def forks() -> Iterator[ForkServer]:
    """Forks that send half a message, of which the rest is waited for half a second."""
    forks = ForkServer(MODULE, timeout=0.5)
    yield forks
    forks.close()


def server_of(pid: int) -> int:
    """The process that has forked it."""
    server = parent_of(pid)
    assert server is not None
    return server


def test_a_process_that_stops_in_the_middle_of_a_message_is_as_good_as_dead(forks: ForkServer) -> None:
    process = EngineProcess(forks.fork())
    with pytest.raises(EngineDied):
        process.receive(timeout=60)
    process.kill()


def test_a_process_that_ends_is_reported_with_its_status() -> None:
    forks = ForkServer("tests.engine.no_such_module", timeout=5.0)
    process = EngineProcess(forks.fork())
    with pytest.raises(EngineDied, match="with status 1"):
        process.receive(timeout=60)
    process.close()
    forks.close()


def test_a_fork_that_is_killed_is_reported_with_the_signal(forks: ForkServer) -> None:
    fork = forks.fork()
    os.kill(fork.pid, signal.SIGTERM)
    assert fork.exit_reason() == "killed by signal 15"
    fork.close()


def test_forks_come_from_one_process_which_collects_them(forks: ForkServer) -> None:
    first = forks.fork()
    server = server_of(first.pid)
    first.kill()
    second = forks.fork()
    assert server_of(second.pid) == server
    assert children(server) == [second.pid]
    second.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_server_of_forks_that_does_not_answer_is_replaced(forks: ForkServer, number: signal.Signals) -> None:
    first = forks.fork()
    pid, server = first.pid, server_of(first.pid)
    os.kill(server, number)
    first.kill()
    wait_until(lambda: start_time(pid) is None)
    second = forks.fork()
    assert server_of(second.pid) != server
    second.kill()


def test_a_fork_that_does_not_come_can_be_killed(forks: ForkServer) -> None:
    first = forks.fork()
    server = server_of(first.pid)
    first.kill()
    os.kill(server, signal.SIGSTOP)
    forks.fork().kill()
    second = forks.fork()
    assert server_of(second.pid) != server
    second.kill()
