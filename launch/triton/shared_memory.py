"""The shared memory of Triton's Python backend, and its removal when the server that made it was killed.

The Python backend keeps its messages in /dev/shm under a prefix that we choose. The prefix names the server's owner by
process-id namespace, process id and start time. The name alone therefore tells whether the owner has ended. No record
is needed that could be lost, and the memory of running servers and of other programs is never touched.
"""

import os
import re
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from launch.process import process_table
from launch.triton.installation import STUB

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where POSIX shared memory lies

_PREFIX = re.compile(r"soprano_(?P<namespace>\d+)_(?P<pid>\d+)_(?P<start>\d+)_[0-9a-f]{8}_")
_PROGRAMS = ("tritonserver", STUB)
_KILL_TIMEOUT = 5.0


@dataclass(frozen=True)
class Removed:
    """The processes and shared memory regions that were removed."""

    processes: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.processes or self.regions)


def new_prefix() -> str:
    """A prefix for the shared memory regions of one server that belongs to this process."""
    pid = os.getpid()
    return f"soprano_{process_table.namespace()}_{pid}_{process_table.start_time(pid)}_{secrets.token_hex(4)}_"


def remove_orphans() -> Removed:
    """Remove the processes and regions of every server whose owner has ended."""
    return _remove(_is_orphaned)


def remove(prefix: str) -> Removed:
    """Remove the processes and regions under `prefix`, whose server has been stopped."""
    return _remove(lambda match: match.group() == prefix)


def _remove(is_unused: Callable[[re.Match[str]], bool]) -> Removed:
    # Processes first: one that still runs could create its region again.
    processes = tuple(pid for pid, match in _our_processes() if is_unused(match) and _kill(pid))
    regions = tuple(path.name for path, match in _our_regions() if is_unused(match) and _unlink(path))
    return Removed(processes, regions)


def _is_orphaned(match: re.Match[str]) -> bool:
    """Whether the owner has ended; False for owners in another namespace, such as a container that shares /dev/shm."""
    here = int(match["namespace"]) == process_table.namespace()
    return here and process_table.start_time(int(match["pid"])) != int(match["start"])


def _our_processes() -> Iterator[tuple[int, re.Match[str]]]:
    for pid in process_table.process_ids():
        arguments = process_table.arguments(pid)
        if arguments and Path(arguments[0]).name in _PROGRAMS:
            for match in filter(None, map(_PREFIX.search, arguments)):
                yield pid, match


def _our_regions() -> Iterator[tuple[Path, re.Match[str]]]:
    for path in SHARED_MEMORY.glob("soprano_*"):
        if match := _PREFIX.match(path.name):
            yield path, match


def _kill(pid: int) -> bool:
    """Kill a process and wait until it has ended, so that its ports and memory are free."""
    started = process_table.start_time(pid)
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    deadline = time.monotonic() + _KILL_TIMEOUT
    while process_table.start_time(pid) == started and time.monotonic() < deadline:
        time.sleep(0.01)
    return True


def _unlink(path: Path) -> bool:
    with suppress(FileNotFoundError, PermissionError):
        path.unlink()
        return True
    return False
