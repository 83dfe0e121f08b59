"""Metrics that add up over all workers.

prometheus_client keeps the values of each worker in files, which any worker reads when it is asked for the metrics. The
files are named after a worker's row in the table, so a worker that is started again goes on with the counts of the one
before.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from proxy.worker_table import WorkerTable

_PREFIX = "soprano-proxy-"
_MEMORY = Path("/dev/shm")  # noqa: S108 (in memory, and writable in a container that is not)
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def metrics_directory() -> Iterator[Path]:
    """A directory for the files of all workers, which is removed at the end of the block.

    If this process is killed, the next one that calls this removes it.
    """
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{_PREFIX}*"):
        _remove_unless_used(left)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    with _opened(directory) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        try:
            yield directory
        finally:
            shutil.rmtree(directory)


def share_metrics(directory: Path, row: int) -> None:
    """Keep every metric that this process makes from now on in the files of the worker with the index `row`."""
    os.environ[_VARIABLE] = str(directory)
    values.ValueClass = values.MultiProcessValue(lambda: row)  # type: ignore[no-untyped-call]


def forget_gauges(directory: Path, row: int) -> None:
    """Remove the gauges of a worker that has ended; its counts stay in the sums."""
    mark_process_dead(row, str(directory))  # type: ignore[no-untyped-call]


def expose_all_workers(table: WorkerTable, registry: CollectorRegistry) -> None:
    """Let `registry` expose the metrics of all workers, and what the kernel tells of their processes."""
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Processes(table))


class _Processes(Collector):
    """What `ProcessCollector` tells of one process, of each worker."""

    def __init__(self, table: WorkerTable) -> None:
        self._table = table

    def collect(self) -> Iterable[Metric]:
        """The metrics of all processes, told apart by the label `worker`."""
        metrics: dict[str, Metric] = {}
        for row, pid in self._table.processes().items():
            for one in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
                metric = metrics.setdefault(one.name, Metric(one.name, one.documentation, one.type))
                for sample in one.samples:
                    metric.add_sample(sample.name, {"worker": str(row)}, sample.value)
        return metrics.values()


def _remove_unless_used(directory: Path) -> None:
    """Remove the directory of a process that was killed, but not one that is locked or another user's."""
    with suppress(OSError), _opened(directory) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(directory)


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
