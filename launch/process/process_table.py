"""The machine's processes, as Linux shows them in /proc."""

import os
from collections.abc import Iterator
from pathlib import Path


def process_ids() -> Iterator[int]:
    """Every process of this process-id namespace."""
    return (int(name) for name in os.listdir("/proc") if name.isdecimal())


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks after boot; None if it has ended.

    Process id and start time together identify one process for good: the kernel reuses ids, but not start times.
    """
    fields = _stat(pid)
    return None if fields is None or fields[0] in "ZX" else int(fields[19])


def children(pid: int) -> list[int]:
    """The processes whose parent is `pid`."""
    return [child for child in process_ids() if parent_of(child) == pid]


def arguments(pid: int) -> list[str]:
    """The command line of a process; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def namespace() -> int:
    """Number of the process-id namespace; process ids are unique only within one."""
    return os.stat("/proc/self/ns/pid").st_ino


def parent_of(pid: int) -> int | None:
    """The id of the process that started `pid`; None if `pid` has ended."""
    fields = _stat(pid)
    return None if fields is None else int(fields[1])


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third, the state, on; None if the process has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the name in parentheses, which may contain any character (proc(5)).
    return stat.rpartition(")")[2].split()
