"""The machine's processes, as Linux shows them in /proc."""

import os
from collections.abc import Iterator
from pathlib import Path


def process_ids() -> Iterator[int]:
    """Every process of this process-id namespace."""
    return (int(name) for name in os.listdir("/proc") if name.isdecimal())


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks after boot; None if it has ended.

    Together with the process id this names one process for good: ids are given out again, moments are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold anything; proc(5) numbers the fields from 1, and the state is the third.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def children(pid: int) -> list[int]:
    """The processes that `pid` is the parent of."""
    return [child for child in process_ids() if parent_of(child) == pid]


def arguments(pid: int) -> list[str]:
    """The command line of a process; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def namespace() -> int:
    """Number of the process-id namespace, within which process ids mean something."""
    return os.stat("/proc/self/ns/pid").st_ino


def parent_of(pid: int) -> int | None:
    """Return the process that has started `pid`; None if `pid` is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(stat.rpartition(")")[2].split()[1])
