"""A Python process of this package's own, at the other end of a connection. Loads no PyTorch."""

import os
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_EXIT_TIMEOUT = 5.0


class Child:
    """`python -m MODULE DESCRIPTOR`, where the descriptor is the other end of `connection`.

    It is expected to end when this end is closed. To receive a message raises `BlockingIOError` where the rest of one
    does not come for `patience` seconds, as from a process that was stopped. For one thread, but for `connection`.
    """

    def __init__(self, module: str, patience: float) -> None:
        ours, theirs = socket.socketpair()
        seconds, fraction = divmod(patience, 1)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(fraction * 1e6)))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(theirs.fileno())],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._socket = ours
        self.connection = Connection(os.dup(ours.fileno()))
        """What this end says and hears."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

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

    def death(self) -> str:
        """Say how it ended; one that has hung up is about to."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        status = self._process.returncode
        if status is None:
            return "it hung up"
        return f"with status {status}" if status >= 0 else f"killed by signal {-status}"


def _environment() -> dict[str, str]:
    """This process's own, in which the package is found from anywhere."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
