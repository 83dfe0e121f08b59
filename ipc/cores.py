"""The number of processor cores that this process may use."""

import math
import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota: Path = _QUOTA) -> int:
    """Return the number of cores in the process's affinity mask, or fewer if a cgroup v2 quota limits its CPU time.

    PyTorch uses all cores of the machine by default: in a container with two of 64 cores, 64 threads would compete.
    """
    cores = len(os.sched_getaffinity(0))
    try:
        limit, period = quota.read_text().split()
        return max(1, min(cores, math.ceil(int(limit) / int(period))))
    except (OSError, ValueError):  # no cgroup v2, or no limit ("max")
        return cores
