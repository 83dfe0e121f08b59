"""Separate processes that execute calls, so that their memory, threads and crashes stay separate.

with SeparateProcess("machine") as machine:
    speed = machine.run(measure_machine, "cpu")

with Worker("upstream", UpstreamClient, checkpoint, "cpu") as upstream:
    clips = upstream.call(UpstreamClient.alone, texts)
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

_ROOT = Path(__file__).parent.parent
_LAST_WORDS = 2000  # bytes of a dead process's standard error that are shown
_END_TIMEOUT = 10.0


class WorkerFailed(Exception):
    """A call raised, or the process died; `str()` names it and says why."""


class Purpose(Enum):
    """The use of a call's result, and whether the call gets the process's object."""

    RUN = auto()  # the result is returned
    MAKE = auto()  # the result stays in the process as its object
    USE = auto()  # the object is the first argument, and the result is returned


@dataclass(frozen=True)
class Call:
    """A call of a function, which the other process finds by its name."""

    purpose: Purpose
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """A call that raised: the error as a sentence, with the traceback unless the error is meant for users."""

    message: str
    trace: str = ""


class SeparateProcess:
    """Calls functions in a process of its own; arguments and results are pickled.

    The process ends with `close`, and also when this process ends for any reason. It has its own session, so that
    Ctrl-C at the terminal reaches this process only. Its standard output is dropped; its standard error is shown if it
    dies. Every call raises `WorkerFailed`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "measuring.worker_main", str(theirs.fileno())],
                cwd=_ROOT,
                env=os.environ | {"HF_HUB_DISABLE_PROGRESS_BARS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._connection: Connection[Any, Any] = Connection(ours.detach())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return `function(…)`."""
        result: R = self._exchange(Call(Purpose.RUN, function, args, kwargs))
        return result

    def close(self) -> None:
        """End the process. Safe to call more than once."""
        self._connection.close()
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _exchange(self, call: Call) -> Any:  # noqa: ANN401 - whatever the call returns
        try:
            self._connection.send(call)
            answer = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise WorkerFailed(self._describe_death()) from error
        if isinstance(answer, Failure):
            raise WorkerFailed("\n".join(filter(None, (f"{self.name}: {answer.message}", answer.trace))))
        return answer

    def _describe_death(self) -> str:
        status = self._process.wait()
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - _LAST_WORDS))
        last_words = self._log.read().decode(errors="replace").strip()
        return f"{self.name}: its process ended with status {status}\n{last_words}".strip()


class Worker(SeparateProcess, Generic[T]):
    """Keeps an object, the result of `make(…)`, in a process of its own. Raises `WorkerFailed`."""

    def __init__(self, name: str, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> None:
        super().__init__(name)
        try:
            self._exchange(Call(Purpose.MAKE, make, args, kwargs))
        except BaseException:
            self.close()
            raise

    def call(self, method: Callable[Concatenate[T, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the object, given as an attribute of its class: `worker.call(Class.method, …)`."""
        result: R = self._exchange(Call(Purpose.USE, method, args, kwargs))
        return result
