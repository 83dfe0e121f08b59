"""A fork server: child processes start at once, because their parent has loaded the libraries. Loads no PyTorch."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from multiprocessing.connection import Connection
from typing import cast

from ipc.child import Child, spawn

_PR_SET_PDEATHSIG = 1
_TIMEOUT = 1.0  # seconds in which the server has to report a fork's id or exit


class ForkServer:
    """Runs `python -m MODULE DESCRIPTOR`, a program that calls `serve_forks` after it has loaded its libraries.

    The server has at most one fork at a time, and is restarted if it has ended. Not thread-safe. The thread that
    creates it must close it before that thread ends (see `die_with_parent`).
    """

    def __init__(self, module: str, timeout: float) -> None:
        """Start the server. `timeout` is the receive timeout of each `Child`, in seconds."""
        self._module = module
        self._timeout = timeout
        self._server = self._spawn()

    def fork(self) -> Child:
        """Return a new fork; the previous one must have ended. It runs once the server has loaded its libraries."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._server.send_descriptor(theirs.fileno())
            except OSError:
                self._server.kill()
                self._server = self._spawn()
                self._server.send_descriptor(theirs.fileno())
        return Child(_Fork(self._server), ours, self._timeout)

    def _spawn(self) -> Child:
        # NumPy's OpenBLAS would start threads as it is loaded, and end them at the fork: forks have one thread.
        return spawn(self._module, self._timeout, OPENBLAS_NUM_THREADS="1")

    def close(self) -> None:
        """Kill the server; the kernel kills its fork with it."""
        self._server.kill()


class _Fork:
    """A `Process` whose parent is the server. The server reports two numbers: its id and, later, its exit status.

    The kernel kills the fork when the server ends. Its id is not reused before the server is asked for another fork.
    """

    def __init__(self, server: Child) -> None:
        self._server = server
        self._reported: list[int] = []

    @property
    def pid(self) -> int:
        if not self._receive(1, _TIMEOUT):
            raise subprocess.TimeoutExpired("fork", _TIMEOUT)
        return self._reported[0]

    def kill(self) -> None:
        if not self._receive(1, 0.0):
            self._server.kill()
        elif not self._receive(2, 0.0):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        if not self._receive(2, _TIMEOUT if timeout is None else timeout):
            if timeout is not None:
                raise subprocess.TimeoutExpired("fork", timeout)
            self._server.kill()
            self._receive(2, 0.0)
        return self._reported[1]

    def _receive(self, count: int, timeout: float) -> bool:
        """Receive up to `count` numbers in all; return whether they arrived within `timeout` seconds."""
        until = time.monotonic() + timeout
        while len(self._reported) < count:
            try:
                if not self._server.connection.poll(max(0.0, until - time.monotonic())):
                    return False
                self._reported.append(self._server.connection.recv())
            except (EOFError, OSError):
                # The server has ended. If it had forked before, the kernel has killed the fork too.
                status = None if self._reported else self._server.status()
                self._reported = [*(self._reported or [0]), -signal.SIGKILL if status is None else status]
        return True


def serve_forks(server: Connection) -> Connection | None:
    """Run a fork server until the other end hangs up.

    Returns None in the server at the end, and in each fork its own connection. Both must close `server`. The process
    must have only one thread.
    """
    with socket.socket(fileno=os.dup(server.fileno())) as end:
        pid = 0
        while True:
            _, descriptors, _, _ = socket.recv_fds(end, 1, 1)
            if pid:
                os.waitpid(pid, 0)
            if not descriptors:
                return None
            pid = os.fork()
            if not pid:
                die_with_parent()
                return Connection(descriptors[0])
            os.close(descriptors[0])
            server.send(pid)
            server.send(_exit_status(pid))


def _exit_status(pid: int) -> int:
    """Wait for a child and return its exit status, or minus the signal that ended it. Does not reap it."""
    # Without WNOHANG, waitid never returns None.
    result = cast("os.waitid_result", os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT))
    return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status


def die_with_parent(parent: int | None = None) -> None:
    """Let the kernel kill this process when its parent ends, even if it hangs.

    `parent` is the process id of the parent, for a process that may have lost it before this call.
    """
    parent = os.getppid() if parent is None else parent
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent had ended before the call
        os._exit(1)
