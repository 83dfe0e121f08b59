"""A pool of processes that prepare texts: the work does not hold the GIL of the process that serves requests."""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ipc.child import Child, spawn
from text.errors import QuarantinedText, TooManyTexts
from text.lexicon import Lexicon
from text.worker import PreparationResult, TextJob

WORKERS = 2
DEADLINE = 10.0
"""Seconds that one text may take to prepare: thousands of times what it needs."""

_MAX_FAILURES = 2
"""Failures of workers on one text after which the text is refused."""

_log = logging.getLogger(__name__)


class _WorkerFailed(Exception):
    """A worker died or hung and has to be replaced."""


@dataclass
class _Task:
    job: TextJob
    is_cancelled: Callable[[], bool]
    on_done: Callable[[PreparationResult], None]
    failures: int = 0

    def add_failure(self, failure: _WorkerFailed) -> PreparationResult | None:
        """Count a failure; return the error that refuses the text, or None if it may be tried again."""
        self.failures += 1
        _log.error("a text worker %s over a text of %d characters", failure, len(self.job.text))
        if self.failures < _MAX_FAILURES:
            return None
        return QuarantinedText(f"the text was refused: the process that read it {failure}, and again at the second try")


class TextWorkers:
    """`count` worker processes, each with a thread `text-N` that sends it texts and receives the results.

    At most `max_queued` texts wait in the queue. A worker that takes longer than `deadline` seconds for a text, or dies
    while it prepares it, is replaced; a text with which that happens twice is refused. `lexicon` is the server's; each
    worker gets it when it starts.
    """

    def __init__(
        self, max_queued: int, count: int = WORKERS, deadline: float = DEADLINE, lexicon: Lexicon = ()
    ) -> None:
        self._deadline = deadline
        self._lexicon = lexicon
        self._tasks: queue.Queue[_Task | None] = queue.Queue(max_queued)
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"text-{number}", daemon=True)
            for number in range(count)
        ]
        self._children: dict[int, Child] = {}
        self._closing = threading.Event()
        for thread in self._threads:
            thread.start()

    def submit(
        self, job: TextJob, is_cancelled: Callable[[], bool], on_done: Callable[[PreparationResult], None]
    ) -> None:
        """Queue a text; unless it is cancelled, `on_done` is called with the result on one of the pool's threads.

        Raises `TooManyTexts` if the queue is full.
        """
        try:
            self._tasks.put_nowait(_Task(job, is_cancelled, on_done))
        except queue.Full as error:
            raise TooManyTexts(f"{self._tasks.maxsize} texts are waiting to be read; try again later") from error

    def close(self) -> None:
        """End the processes and the threads; queued texts are dropped. Safe to call more than once."""
        if self._closing.is_set():
            return
        self._closing.set()
        for child in self._children.values():
            child.hang_up()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        child = self._start(number)
        while (task := self._tasks.get()) is not None:
            result: PreparationResult | None = None
            while result is None and not (self._closing.is_set() or task.is_cancelled()):
                try:
                    result = self._ask(child, task.job)
                except _WorkerFailed as failure:
                    child.kill()
                    child = self._start(number)
                    result = task.add_failure(failure)
            if result is not None:
                task.on_done(result)
        child.close()

    def _start(self, number: int) -> Child:
        child = spawn("text.worker", self._deadline)
        self._children[number] = child
        if self._closing.is_set():
            child.hang_up()
        with suppress(OSError):  # it has ended already: the first text finds that out
            child.connection.send(self._lexicon)
        return child

    def _ask(self, child: Child, job: TextJob) -> PreparationResult:
        try:
            child.connection.send(job)
            if child.connection.poll(self._deadline):
                result: PreparationResult = child.connection.recv()
                return result
        except (EOFError, OSError) as error:
            raise _WorkerFailed(f"ended {child.exit_reason()}") from error
        raise _WorkerFailed(f"took longer than {self._deadline:g} s")
