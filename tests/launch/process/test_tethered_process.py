import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from launch.process.tethered_process import TetheredProcess, describe_exit
from tests.launch.processes import ProcessSnapshot, descendants, wait_until_gone
from tests.waiting import wait_until

DEAF = "trap '' TERM; echo deaf; while true; do sleep 0.1; done"
RUNAWAY = "setsid sleep 100 & setsid setsid sleep 101 & echo running; wait"


@contextmanager
def tethered(*command: str) -> Iterator[TetheredProcess]:
    process = TetheredProcess(command, environment=os.environ, output=subprocess.PIPE)
    with process.output:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def owner(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A separate process that owns a tethered process, which has started."""
    arguments = [sys.executable, "-m", "tests.launch.owner", *command]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_pid_is_the_commands() -> None:
    with tethered("sleep", "100") as process:
        wait_until(lambda: ProcessSnapshot.at(process.pid).command == "sleep 100", 5)


def test_exit_status_of_a_command_that_ends() -> None:
    with tethered("sh", "-c", "exit 7") as process:
        assert process.wait(5)
        assert process.exit_status == 7


def test_exit_status_of_a_command_that_is_killed() -> None:
    with tethered("sh", "-c", "kill -9 $$") as process:
        assert process.wait(5)
        assert process.exit_status is not None
        assert describe_exit(process.exit_status) == "killed by SIGKILL"


def test_command_that_does_not_exist() -> None:
    with tethered("/nowhere/program") as process:
        assert process.wait(5)
        assert process.output.read() == b"cannot run /nowhere/program: No such file or directory\n"


def test_stop_lets_the_command_finish() -> None:
    with tethered("sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while true; do sleep 0.01; done") as process:
        process.output.readline()
        process.stop(5)
        assert process.exit_status == 3
        assert process.output.read() == b"bye\n"


def test_the_command_is_asked_to_end_once() -> None:
    with tethered("sh", "-c", "trap 'echo asked' TERM; echo up; while true; do sleep 0.01; done") as process:
        process.output.readline()
        process.terminate()
        assert process.output.readline() == b"asked\n"
        process.stop(0.3)
        assert process.output.read() == b""


def test_stop_kills_a_command_that_does_not_listen() -> None:
    with tethered("sh", "-c", DEAF) as process:
        process.output.readline()
        began = time.monotonic()
        process.stop(0.3)
        assert 0.3 <= time.monotonic() - began < 2
        assert process.exit_status == 128 + signal.SIGKILL


def test_what_a_command_leaves_running_ends_with_it() -> None:
    with tethered("sh", "-c", "setsid sleep 100 & echo up; sleep 0.2; exit 0") as process:
        process.output.readline()
        seen = descendants(process.pid)
        assert process.wait(5)
        assert seen
        assert not [one for one in seen if one.alive]


@pytest.mark.parametrize("command", [DEAF, RUNAWAY])
def test_killing_the_owner_ends_everything(command: str) -> None:
    with owner("sh", "-c", command) as process:
        wait_until(lambda: len(descendants(process.pid)) >= 3, 5)
        seen = descendants(process.pid)
        process.kill()
        wait_until_gone(seen, 2)


def test_killing_the_tether_ends_the_command() -> None:
    with owner("sleep", "100") as process:
        tether, command = descendants(process.pid)
        os.kill(tether.pid, signal.SIGKILL)
        wait_until_gone([command], 2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_the_owner_ignores_is_not_ignored_by_the_command(number: signal.Signals) -> None:
    """As with background commands of a script, which ignore Ctrl-C."""
    previous = signal.signal(number, signal.SIG_IGN)
    try:
        with tethered("sleep", "100") as process:
            wait_until(lambda: ProcessSnapshot.at(process.pid).command == "sleep 100", 5)
            os.kill(process.pid, number)
            assert process.wait(5)
            assert process.exit_status == 128 + number
    finally:
        signal.signal(number, previous)


def test_the_process_outlives_the_thread_that_started_it() -> None:
    started: list[TetheredProcess] = []
    thread = threading.Thread(
        target=lambda: started.append(TetheredProcess(["sleep", "100"], environment=os.environ)), name="starter"
    )
    thread.start()
    thread.join()
    (process,) = started
    assert not process.wait(0.3)
    process.kill()


def test_ctrl_c_at_the_terminal_does_not_reach_the_command() -> None:
    with tethered("sleep", "100") as process:
        assert os.getpgid(process.pid) != os.getpgid(0)
        assert os.getsid(process.pid) != os.getsid(0)
