"""Processes forked from one that has loaded its libraries, so that each is there at once. Loads no PyTorch."""

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
_TIMEOUT = 1.0  # seconds for a server to tell of the end of a fork that was killed


class ForkServer:
    """`python -m MODULE DESCRIPTOR`, a program that calls `forks` as soon as its libraries are loaded.

    It has one fork at a time, and is replaced if it has ended. For one thread, which ends it before it ends itself.
    """

    def __init__(self, module: str, patience: float) -> None:
        """Start it. `patience` is that of each `Child`."""
        self._module = module
        self._patience = patience
        self._server = spawn(module, patience)

    def fork(self) -> Child:
        """Return a process to come, whose predecessor has ended: it is there as soon as the libraries are loaded."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._server.send_descriptor(theirs.fileno())
            except OSError:
                self._server.kill()
                self._server = spawn(self._module, self._patience)
                self._server.send_descriptor(theirs.fileno())
        return Child(_Fork(self._server), ours, self._patience)

    def close(self) -> None:
        """End the server, and any fork with it."""
        self._server.kill()


class _Fork:
    """A `Process` whose parent is the server, which tells two numbers of it: its id, and later its exit status.

    The kernel ends it with its parent. Its id stays its own until the server is asked for another fork.
    """

    def __init__(self, server: Child) -> None:
        self._server = server
        self._told: list[int] = []

    @property
    def pid(self) -> int:
        if not self._hears(1, _TIMEOUT):
            raise subprocess.TimeoutExpired("fork", _TIMEOUT)
        return self._told[0]

    def kill(self) -> None:
        if not self._hears(1, 0.0):
            self._server.kill()
        elif not self._hears(2, 0.0):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        if not self._hears(2, _TIMEOUT if timeout is None else timeout):
            if timeout is not None:
                raise subprocess.TimeoutExpired("fork", timeout)
            self._server.kill()
            self._hears(2, 0.0)
        return self._told[1]

    def _hears(self, count: int, timeout: float) -> bool:
        """Return whether the server tells `count` numbers within `timeout` seconds."""
        until = time.monotonic() + timeout
        while len(self._told) < count:
            try:
                if not self._server.connection.poll(max(0.0, until - time.monotonic())):
                    return False
                self._told.append(self._server.connection.recv())
            except (EOFError, OSError):
                # The server has ended: before it could fork, or else the kernel ended the fork as well.
                status = None if self._told else self._server.status()
                self._told = [*(self._told or [0]), -signal.SIGKILL if status is None else status]
        return True


def forks(server: Connection) -> Connection | None:
    """Be a fork server until the other end hangs up; return None then, and in each fork its own connection.

    `server` is to be closed in both. A process with more than one thread must not call it.
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
    """Return that of a child, or minus the signal that ended it, as soon as it has ended. It keeps its id."""
    # Without WNOHANG there is always a result.
    result = cast("os.waitid_result", os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT))
    return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status


def die_with_parent() -> None:
    """Have the kernel end this process with the one that started it, even in the middle of a step that hangs."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before
        os._exit(1)
