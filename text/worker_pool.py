"""Processes that prepare texts, so that no text takes the interpreter's lock from the threads that answer requests."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ipc.child import Child, spawn
from text.errors import QuarantinedText, TooManyTexts
from text.worker import Answer, TextJob

_MOST_FAILURES = 2
"""Of workers over one text, after which it is refused."""

_log = logging.getLogger(__name__)


class _WorkerFailed(Exception):
    """A worker has to be replaced."""


@dataclass
class _Task:
    job: TextJob
    is_cancelled: Callable[[], bool]
    on_done: Callable[[Answer], None]
    failures: int = 0

    def blame(self, failure: _WorkerFailed) -> Answer | None:
        """Return the error that refuses the text, or None if it may be tried again."""
        self.failures += 1
        _log.error("a text worker %s over a text of %d characters", failure, len(self.job.text))
        if self.failures < _MOST_FAILURES:
            return None
        return QuarantinedText(f"the text was refused: the process that read it {failure}, and again at the second try")


class TextWorkers:
    """`count` processes, each with the thread `text-N` that passes texts on to it and waits for what comes back.

    At most `most_waiting` texts wait for one of them. One that takes longer than `deadline` seconds over a text, or
    dies over it, is replaced; a text with which that happens twice is refused.
    """

    def __init__(self, count: int, most_waiting: int, deadline: float) -> None:
        self._deadline = deadline
        self._tasks: queue.Queue[_Task | None] = queue.Queue(most_waiting)
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"text-{number}", daemon=True)
            for number in range(count)
        ]
        self._children: dict[int, Child] = {}
        self._closing = threading.Event()
        for thread in self._threads:
            thread.start()

    def submit(self, job: TextJob, is_cancelled: Callable[[], bool], on_done: Callable[[Answer], None]) -> None:
        """Prepare a text; `on_done` gets the result, in one of the threads, unless it is cancelled by then.

        Raises `TooManyTexts`.
        """
        try:
            self._tasks.put_nowait(_Task(job, is_cancelled, on_done))
        except queue.Full as error:
            raise TooManyTexts(f"{self._tasks.maxsize} texts are waiting to be read; try again later") from error

    def close(self) -> None:
        """End the processes and the threads; texts that still wait are dropped. Safe to call more than once."""
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
            answer: Answer | None = None
            while answer is None and not (self._closing.is_set() or task.is_cancelled()):
                try:
                    answer = self._ask(child, task.job)
                except _WorkerFailed as failure:
                    child.kill()
                    child = self._start(number)
                    answer = task.blame(failure)
            if answer is not None:
                task.on_done(answer)
        child.close()

    def _start(self, number: int) -> Child:
        child = spawn("text.worker", self._deadline)
        self._children[number] = child
        if self._closing.is_set():
            child.hang_up()
        return child

    def _ask(self, child: Child, job: TextJob) -> Answer:
        try:
            child.connection.send(job)
            if child.connection.poll(self._deadline):
                answer: Answer = child.connection.recv()
                return answer
        except (EOFError, OSError) as error:
            raise _WorkerFailed(f"ended {child.death()}") from error
        raise _WorkerFailed(f"took longer than {self._deadline:g} s")
