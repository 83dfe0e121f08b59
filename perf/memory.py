"""The most memory that this process has held."""

from pathlib import Path

import torch

from perf.results import Memory


def peak_memory() -> Memory:
    """Return the peaks since the process began. For Linux."""
    gpu = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return Memory(
        resident=_high_water_mark(),
        gpu_allocated=torch.cuda.max_memory_allocated() if gpu else 0,
        gpu_reserved=torch.cuda.max_memory_reserved() if gpu else 0,
    )


def _high_water_mark() -> int:
    # Not `ru_maxrss`: that one begins with what the process had been before it became this program.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024
