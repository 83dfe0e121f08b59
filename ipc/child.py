"""A Python process of this package's own, at the other end of a connection. Loads no PyTorch."""

import os
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

_ROOT = Path(__file__).parents[1]
_EXIT_TIMEOUT = 5.0


class Process(Protocol):
    """What a child needs of `subprocess.Popen`."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def kill(self) -> None:
        """Send SIGKILL, unless it is known to have ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status, or minus the signal that ended it. Raises `subprocess.TimeoutExpired`."""


class Child:
    """A process, with this end of a connection to it. It is expected to end when this end is closed.

    To receive a message raises `BlockingIOError` where the rest of one does not come for `patience` seconds, as from a
    process that was stopped. For one thread, but for `connection`.
    """

    def __init__(self, process: Process, end: socket.socket, patience: float) -> None:
        seconds, fraction = divmod(patience, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(fraction * 1e6)))
        self._process = process
        self._socket = end
        self.connection = Connection(os.dup(end.fileno()))
        """What this end says and hears."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send_descriptor(self, descriptor: int) -> None:
        """Have it receive a copy of an open file, with one byte."""
        socket.send_fds(self._socket, [b"\0"], [descriptor])

    def hang_up(self) -> None:
        """Let both ends know that nothing more will be said; from any thread. Whoever waits to hear something stops."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Hang up and wait until it has ended; one that goes on is killed."""
        self.hang_up()
        try:
            self._process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.close()
        self.connection.close()

    def status(self) -> int | None:
        """Return the exit status of one that has hung up and is about to end; None if it goes on."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(1.0)
        return None

    def death(self) -> str:
        """Say how it ended."""
        status = self.status()
        if status is None:
            return "it hung up"
        return f"with status {status}" if status >= 0 else f"killed by signal {-status}"


def spawn(module: str, patience: float) -> Child:
    """Start `python -m MODULE DESCRIPTOR`, where the descriptor is the other end of the connection."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno())],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
        )
    return Child(process, ours, patience)


def _environment() -> dict[str, str]:
    """This process's own, in which the package is found from anywhere."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
