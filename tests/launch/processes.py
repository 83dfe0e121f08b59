"""Looking at processes in tests."""

import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from launch.process import process_table
from launch.triton import shared_memory
from tests.waiting import wait_until


@dataclass(frozen=True)
class Seen:
    """A process that was running at some moment; its id may belong to another process later."""

    pid: int
    start: int | None
    command: str

    @classmethod
    def at(cls, pid: int) -> "Seen":
        return cls(pid, process_table.start_time(pid), " ".join(process_table.arguments(pid)))

    @property
    def alive(self) -> bool:
        return self.start is not None and process_table.start_time(self.pid) == self.start

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def descendants(pid: int) -> list[Seen]:
    """Every process below `pid`."""
    children = [Seen.at(child) for child in process_table.children(pid)]
    return children + [process for child in children for process in descendants(child.pid)]


def regions_of(pid: int) -> list[str]:
    """The shared memory regions of servers that belong to process `pid`."""
    return [path.name for path in shared_memory.SHARED_MEMORY.glob(f"soprano_*_{pid}_*")]


def wait_until_gone(processes: Iterable[Seen], timeout: float) -> None:
    """Wait until none of `processes` is alive."""
    processes = list(processes)
    assert processes, "there were none"
    wait_until(lambda: not [process for process in processes if process.alive], timeout)
