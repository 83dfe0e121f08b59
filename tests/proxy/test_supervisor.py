"""The supervisor of workers that do no work, as a process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.launch.processes import ProcessSnapshot, wait_until_gone
from tests.proxy.supervised import STOP_DEADLINE


class Supervised:
    """The process, and the lines that it and its workers write."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        assert process.stderr
        self.process = process
        self._stdout = process.stdout
        self._stderr = process.stderr

    def worker(self) -> ProcessSnapshot:
        """The next worker that begins to work."""
        return ProcessSnapshot.at(int(self._stdout.readline()))

    def workers(self) -> list[ProcessSnapshot]:
        return [self.worker(), self.worker()]

    def metrics_directory(self) -> Path:
        opened = [file.resolve() for file in Path(f"/proc/{self.process.pid}/fd").iterdir()]
        (directory,) = [file for file in opened if file.name.startswith("soprano-proxy-")]
        return directory

    def line(self) -> str:
        """The next line of the log."""
        return self._stderr.readline().strip()


@contextmanager
def supervised(behaviour: str) -> Iterator[Supervised]:
    command = [sys.executable, "-m", "tests.proxy.supervised", behaviour]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Supervised(process)
        finally:
            process.kill()


def test_workers_that_cannot_start_end_it() -> None:
    with supervised("fail") as running:
        assert running.process.wait(20) == 1
        assert running.line().endswith(" ended by itself, with status 3: it is started again")
        assert running.line().startswith("the proxy cannot start: worker ")


def test_a_worker_that_ends_is_started_again_after_growing_pauses() -> None:
    with supervised("beat") as running:
        first, other = running.workers()
        for pause in ("", " in 1 s", " in 2 s"):
            first.kill()
            assert running.line().endswith(f" ended by itself, killed by SIGKILL: it is started again{pause}")
            first = running.worker()
        assert other.alive


def test_a_worker_that_hangs_is_killed() -> None:
    with supervised("hang") as running:
        assert running.line().endswith("has been silent for 1 s: it is killed")


def test_a_stopped_worker_is_killed() -> None:
    with supervised("beat") as running:
        stopped, other = running.workers()
        os.kill(stopped.pid, signal.SIGSTOP)
        wait_until_gone([stopped], 20)
        running.worker()
        assert other.alive


def test_time_in_which_all_were_stopped_is_no_silence() -> None:
    with supervised("beat") as running:
        workers = running.workers()
        pids = [running.process.pid, *(worker.pid for worker in workers)]
        for number, seconds in ((signal.SIGSTOP, 3.0), (signal.SIGCONT, 0.5)):
            for pid in pids:
                os.kill(pid, number)
            time.sleep(seconds)
        assert all(worker.alive for worker in workers)


def test_sigterm_ends_all() -> None:
    with supervised("beat") as running:
        workers = running.workers()
        running.process.terminate()
        assert running.process.wait(20) == 0
        assert not any(worker.alive for worker in workers)


def test_a_worker_that_does_not_end_is_killed() -> None:
    with supervised("beat_on") as running:
        workers = running.workers()
        began = time.monotonic()
        running.process.terminate()
        assert running.process.wait(20) == 0
        assert time.monotonic() - began >= STOP_DEADLINE
        assert not any(worker.alive for worker in workers)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left(number: signal.Signals) -> None:
    with supervised("beat") as running:
        workers = running.workers()
        directory = running.metrics_directory()
        running.process.send_signal(number)
        wait_until_gone(workers, 20)
    if number is signal.SIGKILL:  # the next supervisor removes its files
        with supervised("beat") as running:
            running.worker()
    assert not directory.exists()
