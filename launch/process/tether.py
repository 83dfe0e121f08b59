"""Runs one command that cannot outlive the process that started it.

    python -I -S tether.py FD COMMAND [ARGUMENT ...]

`FD` is one end of a stream socket pair, and only the owner holds the other end. The tether writes the command's process
id to it as a line. When it reads end-of-file from it, the owner has ended or closed its end, and the tether kills every
process below it. It forwards SIGTERM, SIGINT and SIGHUP to the command. When the command has ended, the tether kills
all processes that the command left, and ends with the command's exit status, or 128 + N if signal N killed it.

It runs without site-packages, to start in milliseconds and need little memory, so it imports only the standard library.
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
    """Run the command on the command line until it or its owner ends."""
    lifeline = socket.socket(fileno=int(sys.argv[1]))
    lifeline.set_inheritable(False)
    # Orphaned processes below the tether become its children, so that none of them escapes.
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    wakeup = _wakeup_on_signals()
    command = _spawn(sys.argv[2:])
    # If the owner has ended already, `_wait` notices it.
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
    """Return a file descriptor from which each signal can be read as one byte."""
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
    """Replace this forked process by `command`; the kernel kills it when the tether ends."""
    try:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # Python ignores these two signals, and a program would inherit that.
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
    """Return the exit status of `command`, or that of SIGKILL if the owner has ended."""
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
    """Reap the children that have ended; return the exit status of `command` if it is one of them."""
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
    """Kill and reap every process below this one; the children of a killed process become children of this one."""
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
    """The parent's process id; None if the process has ended."""
    try:
        with open(f"/proc/{process}/stat", errors="replace") as stat:
            # The name in parentheses may contain any character; the parent is the second field after it.
            return int(stat.read().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


if __name__ == "__main__":
    main()
