"""Runs one command that cannot outlive the process that asked for it.

    python -I -S tether.py FD COMMAND [ARGUMENT ...]

`FD` is one end of a stream socket pair whose other end only the owner holds. The tether writes the command's process
id to it as a line; when it reads end-of-file there, the owner is gone (or asks for this) and every process below the
tether is killed. SIGTERM, SIGINT and SIGHUP are passed on to the command. Once the command has ended, whatever it left
running is killed, and the tether ends with the command's exit status, or 128 + N if signal N killed it.

It runs without site-packages, so that it starts in milliseconds and holds little memory; hence no imports but the
standard library's.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
COMMAND_NOT_RUN = 127
KILLED_BY_SIGNAL = 128

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Run the command given on the command line until it ends or its owner does."""
    lifeline = socket.socket(fileno=int(sys.argv[1]))
    lifeline.set_inheritable(False)
    # Orphans below the tether become its own children, so that none can escape by losing its parent.
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    wakeup = _wakeup_on_signals()
    command = _spawn(sys.argv[2:])
    # An owner that is gone already is seen below.
    with contextlib.suppress(ConnectionError):
        lifeline.sendall(f"{command}\n".encode())
    status = _wait(command, lifeline, wakeup)
    _kill_descendants()
    sys.exit(status)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def _wakeup_on_signals() -> int:
    """Return a descriptor from which each signal that arrives can be read as a byte."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGCHLD, *FORWARDED):
        signal.signal(number, lambda *_: None)
    return reader


def _spawn(command: list[str]) -> int:
    """Start `command` and return its process id."""
    tether = os.getpid()
    child = os.fork()
    if child == 0:
        _become(command, tether)
    return child


def _become(command: list[str], tether: int) -> NoReturn:
    """Replace this forked process by `command`, to be killed if the tether is."""
    try:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # Python ignores these, and a program inherits what is ignored.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        # The tether may have died before the line above took effect.
        if os.getppid() == tether:
            os.execvp(command[0], command)  # noqa: S606 - an argument list; there is no shell
    except OSError as error:
        os.write(2, f"cannot run {command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(COMMAND_NOT_RUN)


def _wait(command: int, lifeline: socket.socket, wakeup: int) -> int:
    """Return the exit status of `command`, or that of a killed one if the owner is gone."""
    with selectors.DefaultSelector() as selector:
        selector.register(lifeline, selectors.EVENT_READ)
        selector.register(wakeup, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is lifeline:
                    return KILLED_BY_SIGNAL + signal.SIGKILL
                for number in set(os.read(wakeup, 4096)) & set(FORWARDED):
                    os.kill(command, number)
            status = _reap(command)
            if status is not None:
                return status


def _reap(command: int) -> int | None:
    """Collect the children that have ended; return the exit status of `command` if it is among them."""
    status = None
    while True:
        try:
            child, code = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if child == 0:
            return status
        if child == command:
            number = os.waitstatus_to_exitcode(code)
            status = number if number >= 0 else KILLED_BY_SIGNAL - number


def _kill_descendants() -> None:
    """Kill every process below this one and collect it. The children of a killed one become ours, and are next."""
    while True:
        for child in _children():
            os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """The processes whose parent is this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdecimal() and _parent(name) == os.getpid()]


def _parent(process: str) -> int | None:
    """The parent's process id, or None if the process is gone."""
    try:
        with open(f"/proc/{process}/stat", errors="replace") as stat:
            # The name, in parentheses, may hold anything; the parent is the second field after it.
            return int(stat.read().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


if __name__ == "__main__":
    main()
