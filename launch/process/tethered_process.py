"""A child process that ends when this process ends, however that happens."""

import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO

from launch.process import tether

KILL_TIMEOUT = 5.0
"""Seconds for the kernel to end killed processes; only processes stuck in a driver take long."""


class TetheredProcess:
    """A command that runs under `launch.process.tether`; it and everything it starts end with this process.

    The command has its own session, so Ctrl-C at the terminal reaches only this process, which then stops its children
    in the right order. The command's standard input is empty.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], output: int | None = None) -> None:
        """Start `command`, with `output` (a descriptor or `subprocess.PIPE`) as its standard output and error."""
        self._lifeline, theirs = socket.socketpair()
        with theirs:
            self._tether = subprocess.Popen(
                [sys.executable, "-I", "-S", tether.__file__, str(theirs.fileno()), *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        with self._lifeline.makefile("rb") as answer:
            line = answer.readline()
        self.pid = int(line) if line else self._tether.pid
        """The command's process id."""
        self._asked_to_end = False

    @property
    def output(self) -> IO[bytes]:
        """The command's output, if it was started with `subprocess.PIPE`; the caller must close it."""
        if self._tether.stdout is None:
            raise ValueError("the process was not started with output=subprocess.PIPE")
        return self._tether.stdout

    @property
    def exit_status(self) -> int | None:
        """None while the command runs; then its exit status, or 128 + N if signal N killed it."""
        return self._tether.poll()

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the command's end, and return whether it has ended."""
        try:
            self._tether.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def terminate(self) -> None:
        """Ask the command to end; further calls have no effect."""
        if not self._asked_to_end:
            self._asked_to_end = True
            self._tether.terminate()

    def kill(self) -> None:
        """Kill the command and everything it has started, and wait until they have ended."""
        self._lifeline.close()
        self._tether.wait(KILL_TIMEOUT)

    def stop(self, timeout: float) -> None:
        """Ask the command to end; after `timeout` seconds kill what still runs."""
        self.terminate()
        self.wait(timeout)
        self.kill()


def describe_exit(status: int | None) -> str:
    """Describe how a process ended: "with status 1" or "killed by SIGKILL"."""
    if status is None:
        return "in a way that was not seen"
    if status <= tether.KILLED_BY_SIGNAL:
        return f"with status {status}"
    try:
        return f"killed by {signal.Signals(status - tether.KILLED_BY_SIGNAL).name}"
    except ValueError:
        return f"with status {status}"
