"""A child process that runs a Python module, with a connection to it. Loads no PyTorch."""

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
    """The part of `subprocess.Popen` that `Child` uses."""

    @property
    def pid(self) -> int:
        """The process id."""

    def kill(self) -> None:
        """Send SIGKILL, unless the process is known to have ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, or minus the signal that ended it. Raises `subprocess.TimeoutExpired`."""


class Child:
    """A process and this end of the connection to it. The process is expected to exit when this end is closed.

    Receiving raises `BlockingIOError` if the rest of a message does not arrive within `timeout` seconds, for example
    because the process was stopped. Not thread-safe, except for `connection`.
    """

    def __init__(self, process: Process, end: socket.socket, timeout: float) -> None:
        seconds, fraction = divmod(timeout, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(fraction * 1e6)))
        self._process = process
        self._socket = end
        self.connection = Connection(os.dup(end.fileno()))
        """Sends and receives messages."""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send_descriptor(self, descriptor: int) -> None:
        """Send the process a copy of an open file descriptor, with one byte of data."""
        socket.send_fds(self._socket, [b"\0"], [descriptor])

    def hang_up(self) -> None:
        """Shut the connection down; callable from any thread. A pending receive on either end raises `EOFError`."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def kill(self) -> None:
        """Kill the process at once."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Hang up and wait until the process has exited; kill it after `_EXIT_TIMEOUT` seconds."""
        self.hang_up()
        try:
            self._process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.close()
        self.connection.close()

    def status(self) -> int | None:
        """Return the exit status of a process that has hung up; None if it still runs after 1 s."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(1.0)
        return None

    def exit_reason(self) -> str:
        """Return a phrase that says how the process ended."""
        status = self.status()
        if status is None:
            return "it hung up"
        return f"with status {status}" if status >= 0 else f"killed by signal {-status}"


def spawn(module: str, timeout: float, **environment: str) -> Child:
    """Start `python -m MODULE DESCRIPTOR`; the descriptor is the other end of the connection."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno())],
            env=_environment() | environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
        )
    return Child(process, ours, timeout)


def _environment() -> dict[str, str]:
    """Return this process's environment, with the repository root on `PYTHONPATH`."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
