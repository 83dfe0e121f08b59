"""Numbers that all workers of the proxy see, in shared memory."""

import fcntl
import mmap
import os
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Self

import numpy as np

WINDOW_SECONDS = 30
"""How far back released and refused permits are counted."""

_PROCESS, _BEATS, _CONNECTIONS, _PERMITS = range(4)
"""The first columns. Those of each key's permits follow, and then `_SECOND` to `_REFUSED` for each second."""
_SECOND, _RELEASED, _REFUSED = range(3)


@dataclass(frozen=True)
class Window:
    """The permits that all workers have released and refused in the last `WINDOW_SECONDS`."""

    released: int
    refused: int
    seconds: int
    """Seconds since the first of those releases."""


class WorkerTable:
    """One row of integers for each worker. A worker changes its own row only, and reads all of them.

    To be used by one thread of a process. Processes share the table if they are forks of the one that made it; without
    others, the maker is the worker of the first row.
    """

    def __init__(self, workers: int = 1, keys: Collection[str] = ()) -> None:
        """A table of `workers` workers whose requests have one of `keys`."""
        self._columns_of_keys = {key: _PERMITS + 1 + index for index, key in enumerate(sorted(keys))}
        self._window = _PERMITS + 1 + len(keys)
        shape = (workers, self._window + 3 * WINDOW_SECONDS)
        size = 8 * shape[0] * shape[1]
        self._descriptor = os.memfd_create("soprano-proxy")
        os.truncate(self._descriptor, size)
        memory = mmap.mmap(self._descriptor, size)
        weakref.finalize(memory, os.close, self._descriptor)
        self._rows = np.frombuffer(memory, np.int64).reshape(shape)
        self._own = self._rows[0]

    def of(self, row: int) -> Self:
        """The same table for the worker with the index `row`."""
        table = copy(self)
        table._own = self._rows[row]
        return table

    @property
    def workers(self) -> int:
        """The number of workers."""
        return len(self._rows)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the other workers from changing anything. If this process is killed, the kernel lets them go on."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def clear(self, row: int) -> None:
        """Forget a worker that has ended: the permits that it held are free."""
        with self.locked():
            self._rows[row] = 0

    def beat(self) -> None:
        """Show that the event loop of this worker runs."""
        self._own[_PROCESS] = os.getpid()
        self._own[_BEATS] += 1

    def beats(self, row: int) -> int:
        """How often a worker has shown that it runs; 0 until it serves."""
        return int(self._rows[row, _BEATS])

    def processes(self) -> dict[int, int]:
        """The process ids of the workers that serve, by row."""
        return {row: int(pid) for row, pid in enumerate(self._rows[:, _PROCESS]) if pid}

    def connections(self) -> int:
        """The open connections of this worker."""
        return int(self._own[_CONNECTIONS])

    def fewest_connections(self) -> int:
        """The open connections of the worker that serves and has the fewest."""
        serving = self._rows[:, _PROCESS] > 0
        return int(self._rows[serving, _CONNECTIONS].min(initial=self._own[_CONNECTIONS]))

    def change_connections(self, difference: int) -> None:
        """Change how many open connections this worker has."""
        self._own[_CONNECTIONS] += difference

    def permits(self, key: str | None = None) -> int:
        """The permits in use by all workers, altogether or for one key; unknown keys are counted as one."""
        if key is None:
            return int(self._rows[:, _PERMITS : self._window].sum())
        return int(self._rows[:, self._column_of(key)].sum())

    def own_permits(self) -> int:
        """The permits in use by this worker."""
        return int(self._own[_PERMITS : self._window].sum())

    def change_permits(self, key: str, difference: int) -> None:
        """Change how many permits this worker uses for a key."""
        self._own[self._column_of(key)] += difference

    def note_release(self, second: int) -> None:
        """Count one release in a `second` of a clock that all workers share."""
        self._count(second, _RELEASED)

    def note_refusal(self, second: int) -> None:
        """Count one refusal."""
        self._count(second, _REFUSED)

    def window(self, second: int) -> Window:
        """What was counted in the window that ends with `second`."""
        counts = self._rows[:, self._window :].reshape(-1, 3)
        counts = counts[counts[:, _SECOND] > second - WINDOW_SECONDS]
        released, refused = counts[:, _RELEASED], counts[:, _REFUSED]
        first = counts[released > 0, _SECOND].min(initial=second)
        return Window(int(released.sum()), int(refused.sum()), int(second - first))

    def _column_of(self, key: str) -> int:
        return self._columns_of_keys.get(key, _PERMITS)

    def _count(self, second: int, what: int) -> None:
        start = self._window + 3 * (second % WINDOW_SECONDS)
        counts = self._own[start : start + 3]
        if counts[_SECOND] != second:  # it is still that of an earlier window
            counts[:] = second, 0, 0
        counts[what] += 1
