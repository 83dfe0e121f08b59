"""The process that starts the proxy's workers, starts one again that has ended, and ends all of them."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkProcess
from pathlib import Path

from ipc.fork_server import die_with_parent
from ipc.restart_pauses import RestartPauses
from ipc.stop_signal import SIGNALS, StopSignal
from proxy.shared_metrics import forget_gauges, metrics_directory, share_metrics
from proxy.worker_table import WorkerTable

HANG_SECONDS = 30.0
"""Seconds without a heartbeat after which a worker is killed."""

_CHECK_INTERVAL = 0.2
_FORK = multiprocessing.get_context("fork")

Work = Callable[[WorkerTable], None]

log = logging.getLogger(__name__)


class Supervisor:
    """Runs the workers of `table`: forks of this process that call `work` with the table as each of them sees it.

    They accept connections from the sockets `listening`. The process must have only one thread; NumPy's OpenBLAS ends
    its own at a fork.
    """

    def __init__(
        self, table: WorkerTable, listening: Sequence[socket.socket], work: Work, *, stop_deadline: float
    ) -> None:
        """Start nothing yet. `stop_deadline` are the seconds that workers have to end after SIGTERM."""
        self._table = table
        self._listening = listening
        self._work = work
        self._stop_deadline = stop_deadline

    def run(self) -> int:
        """Supervise until SIGTERM, SIGINT or SIGHUP, and return the exit status for this process.

        A worker that ends is started again, after pauses that grow. If one ends before any of them has served, all end.
        If this process is killed, the kernel kills them.
        """
        gc.freeze()  # the forks share what is in memory now, which the collector of each would otherwise touch
        with StopSignal() as stop, metrics_directory() as directory:
            workers = [_Worker(row, self._table, directory, self._work) for row in range(self._table.workers)]
            try:
                return self._watch(workers, stop)
            finally:
                self._stop(workers)

    def _watch(self, workers: "Sequence[_Worker]", stop: StopSignal) -> int:
        have_served = False
        while not stop.wait(_CHECK_INTERVAL):
            have_served = have_served or bool(self._table.processes())
            for worker in workers:
                problem = worker.check()
                if problem and not have_served:
                    log.error("the proxy cannot start: %s", problem)
                    return 1
        return 0

    def _stop(self, workers: "Sequence[_Worker]") -> None:
        for each in self._listening:  # or connections would be accepted until the last worker has ended
            each.close()
        for worker in workers:
            worker.terminate()
        deadline = time.monotonic() + self._stop_deadline
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))


class _Worker:
    """The worker of one row: its process, or when the next one is to be started."""

    def __init__(self, row: int, table: WorkerTable, directory: Path, work: Work) -> None:
        self._row = row
        self._table = table
        self._directory = directory
        self._work = work
        self._supervisor = os.getpid()
        self._pauses = RestartPauses()
        self._process: ForkProcess | None = None
        self._changed_at = time.monotonic()  # when the process was started or ended
        self._pause = 0.0
        self._beats = 0
        self._silence = 0.0

    def check(self) -> str | None:
        """Start the process if it is time, and kill it if it hangs. Returns how it ended, if it just has."""
        if self._process is None:
            if time.monotonic() - self._changed_at >= self._pause:
                self._start()
        elif self._process.exitcode is not None:
            return self._note_end(self._process.exitcode)
        else:
            self._listen(self._process)
        return None

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process is not None:
            self._process.terminate()

    def join(self, timeout: float) -> None:
        """Wait until the process has ended; kill it after `timeout` seconds."""
        if self._process is not None:
            self._process.join(timeout)
            self._process.kill()
            self._process.join()

    def _start(self) -> None:
        self._changed_at, self._beats, self._silence = time.monotonic(), 0, 0.0
        self._process = _FORK.Process(target=self._main, name=f"worker {self._row}")
        # A signal must not reach the fork while it still has the handlers of this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _main(self) -> None:
        for number in SIGNALS:
            # A closed terminal is the supervisor's matter.
            signal.signal(number, signal.SIG_IGN if number is signal.SIGHUP else signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        die_with_parent(self._supervisor)
        Path("/proc/self/comm").write_text("soprano-proxy")
        share_metrics(self._directory, self._row)
        self._work(self._table.of(self._row))

    def _note_end(self, status: int) -> str:
        self._process = None
        self._table.clear(self._row)
        forget_gauges(self._directory, self._row)
        now = time.monotonic()
        self._pause = self._pauses.next(now - self._changed_at)
        self._changed_at = now
        how = f"with status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"
        problem = f"worker {self._row} ended by itself, {how}"
        log.error("%s: it is started again%s", problem, f" in {self._pause:g} s" if self._pause else "")
        return problem

    def _listen(self, process: ForkProcess) -> None:
        """Kill the process if its heart stands still."""
        beats = self._table.beats(self._row)
        # Counted by checks and not by the clock, since this process may have been stopped together with the worker.
        self._silence = self._silence + _CHECK_INTERVAL if beats == self._beats else 0.0
        self._beats = beats
        if self._silence >= HANG_SECONDS:
            log.error("worker %d has been silent for %g s: it is killed", self._row, HANG_SECONDS)
            process.kill()
