"""Facts about the machine, and the load of other programs during a measurement."""

import os
import platform
import resource
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from engine.runtime.device import torch_device, torch_dtype
from engine.settings import EngineSettings


@dataclass(frozen=True)
class Facts:
    """The machine and the software of a run."""

    device: str  # cpu or cuda
    dtype: str  # of the engine; upstream chooses its own
    processor: str
    cores: int
    gpu: str | None
    python: str
    torch: str
    threads: int  # of PyTorch's
    soprano_tts: str
    transformers: str
    commit: str
    date: str


@dataclass(frozen=True)
class Memory:
    """Peaks of a process in bytes; those of the GPU are 0 where none is used."""

    resident: int
    gpu_allocated: int
    gpu_reserved: int


def examine(device: str, dtype: str) -> Facts:
    """Describe this machine, with `auto` resolved as the engine does. Raises `InvalidSettings`."""
    settings = EngineSettings(device=device, dtype=dtype)
    chosen = torch_device(settings.device)
    return Facts(
        device=chosen.type,
        dtype=str(torch_dtype(settings.dtype, chosen)).removeprefix("torch."),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        gpu=torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else None,
        python=platform.python_version(),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        soprano_tts=version("soprano-tts"),
        transformers=version("transformers"),
        commit=_commit(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _processor() -> str:
    """The processor's name as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _commit() -> str:
    """The commit that is checked out, with a mark if files differ from it."""
    describe = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        described = subprocess.run(describe, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


class OtherLoad:
    """Measures the load of other programs since its construction. Ended child processes of this one do not count.

    For Linux.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._others = _others()

    def cores(self) -> float:
        """Return how many processors the other programs kept busy, on average."""
        return self.seconds() / (time.monotonic() - self._start)

    def seconds(self) -> float:
        """Return the processor seconds that the other programs used."""
        return max(0.0, _others() - self._others)


def _others() -> float:
    """Processor seconds since boot of all processes except this one and its ended children."""
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return _machine() - sum(usage.ru_utime + usage.ru_stime for usage in own)


def _machine() -> float:
    """Processor seconds of all processes, and of other virtual machines on the same processors (`steal`)."""
    counted = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, counted[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def peak_memory() -> Memory:
    """Return the peaks since the process began. For Linux."""
    gpu = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return Memory(
        resident=_high_water_mark(),
        gpu_allocated=torch.cuda.max_memory_allocated() if gpu else 0,
        gpu_reserved=torch.cuda.max_memory_reserved() if gpu else 0,
    )


def _high_water_mark() -> int:
    # Not `ru_maxrss`, which includes the memory of the process before it became this program.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024
