"""The processes of servers, for tests."""

import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from launch.process import process_table
from launch.triton import shared_memory
from tests.waiting import wait_until


@dataclass(frozen=True)
class ProcessSnapshot:
    """A process at one moment. Process ids are used again, so its start time is needed to identify it."""

    pid: int
    start: int | None
    command: str

    @classmethod
    def at(cls, pid: int) -> "ProcessSnapshot":
        return cls(pid, process_table.start_time(pid), " ".join(process_table.arguments(pid)))

    @property
    def alive(self) -> bool:
        return self.start is not None and process_table.start_time(self.pid) == self.start

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def descendants(pid: int) -> list[ProcessSnapshot]:
    """Every process below `pid`."""
    children = [ProcessSnapshot.at(child) for child in process_table.children(pid)]
    return children + [process for child in children for process in descendants(child.pid)]


def regions_of(pid: int) -> list[str]:
    """The shared memory regions of servers that belong to process `pid`."""
    return [path.name for path in shared_memory.SHARED_MEMORY.glob(f"soprano_*_{pid}_*")]


def wait_until_gone(processes: Iterable[ProcessSnapshot], timeout: float) -> None:
    """Wait until none of `processes` is alive."""
    processes = list(processes)
    assert processes, "there are no processes"
    wait_until(lambda: not [process for process in processes if process.alive], timeout)
