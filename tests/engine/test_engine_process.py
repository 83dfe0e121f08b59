"""How the server sees failures of an engine process and of its fork server."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine_process import EngineDied, EngineProcess
from ipc.fork_server import ForkServer
from launch.process.process_table import children, parent_of, start_time
from tests.waiting import wait_until

MODULE = "tests.engine.half_a_message"


@pytest.fixture
def forks() -> Iterator[ForkServer]:
    """A fork server whose forks send half a message; the receive timeout is half a second."""
    forks = ForkServer(MODULE, timeout=0.5)
    yield forks
    forks.close()


def server_of(pid: int) -> int:
    """Return the parent process."""
    server = parent_of(pid)
    assert server is not None
    return server


def test_the_server_has_one_thread_when_it_forks() -> None:
    """A fork has none of its parent's other threads, but it has the locks that they held."""
    before = set(children(os.getpid()))
    forks = ForkServer("engine.process", timeout=5.0)
    (server,) = set(children(os.getpid())) - before
    wait_until(lambda: Path(f"/proc/{server}/comm").read_text() == "soprano-forks\n")
    assert len(list(Path(f"/proc/{server}/task").iterdir())) == 1
    forks.close()


def test_a_process_that_stops_in_the_middle_of_a_message_counts_as_dead(forks: ForkServer) -> None:
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


def test_forks_have_one_parent_which_reaps_them(forks: ForkServer) -> None:
    first = forks.fork()
    server = server_of(first.pid)
    first.kill()
    second = forks.fork()
    assert server_of(second.pid) == server
    assert children(server) == [second.pid]
    second.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fork_server_that_does_not_respond_is_replaced(forks: ForkServer, number: signal.Signals) -> None:
    first = forks.fork()
    pid, server = first.pid, server_of(first.pid)
    os.kill(server, number)
    first.kill()
    wait_until(lambda: start_time(pid) is None)
    second = forks.fork()
    assert server_of(second.pid) != server
    second.kill()


def test_a_fork_that_has_not_started_can_be_killed(forks: ForkServer) -> None:
    first = forks.fork()
    server = server_of(first.pid)
    first.kill()
    os.kill(server, signal.SIGSTOP)
    forks.fork().kill()
    second = forks.fork()
    assert server_of(second.pid) != server
    second.kill()
