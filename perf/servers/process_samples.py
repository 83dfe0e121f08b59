"""Memory, descriptors and threads of the server's processes over the time of a run, and whether they grow."""

import asyncio
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from measuring.verdicts import Outcome
from perf.servers.served import TETHER, Served, ServerProcess

_INTERVAL = 1.0
_LEAST_SAMPLES = 8  # of which quarters can be taken
_LEAST_JUDGED = 240  # samples, so minutes, before which a process is still warming up in its second quarter
MEGABYTE = 1 << 20
_SLACK = {"resident": 16.0 * MEGABYTE, "descriptors": 8.0, "threads": 4.0}
"""What may come and go with the requests that happen to be open."""


@dataclass(frozen=True)
class Sample:
    """A process at one moment; memory in bytes."""

    resident: int
    peak: int
    """The most that was resident since the process began."""
    descriptors: int
    threads: int


@dataclass(frozen=True)
class Growth:
    """A figure in the second and in the last quarter of a run: the first one warms up."""

    second: float
    last: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Growth":
        """Take the medians of both quarters."""
        quarter = len(figures) // 4
        return cls(statistics.median(figures[quarter : 2 * quarter]), statistics.median(figures[-quarter:]))

    def is_flat(self, slack: float) -> bool:
        """Whether it has grown by no more than 5 percent or `slack`, whichever is more."""
        return self.last - self.second <= max(0.05 * self.second, slack)


@dataclass(frozen=True)
class ProcessReport:
    """What a process took over a run. The growths are None for a run of a few seconds, and judged from minutes on."""

    name: str
    pid: int
    samples: int
    peak: int
    resident: Growth | None
    descriptors: Growth | None
    threads: Growth | None
    died: bool

    @classmethod
    def of(cls, process: ServerProcess, samples: Sequence[Sample], *, died: bool) -> "ProcessReport":
        """Sum up what was seen of a process."""
        growths = {
            name: Growth.of([getattr(sample, name) for sample in samples]) if len(samples) >= _LEAST_SAMPLES else None
            for name in _SLACK
        }
        peak = max(sample.peak for sample in samples)
        return cls(name=process.name, pid=process.pid, samples=len(samples), peak=peak, died=died, **growths)

    @property
    def growing(self) -> list[str]:
        """Which figures are not flat."""
        if self.samples < _LEAST_JUDGED:
            return []
        growths: dict[str, Growth | None] = {name: getattr(self, name) for name in _SLACK}
        return [name for name, growth in growths.items() if growth and not growth.is_flat(_SLACK[name])]

    @property
    def outcome(self) -> Outcome:
        """Whether it lived and all its figures are flat."""
        if self.died or self.growing:
            return Outcome.MISSED
        return Outcome.UNKNOWN if self.samples < _LEAST_JUDGED else Outcome.MET


class Sampler:
    """Looks at every process of a server once a second, until cancelled; tethers, which only wait, are left out."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._samples: dict[ServerProcess, list[Sample]] = {}

    async def run(self) -> NoReturn:
        """Sample."""
        while True:
            self.look()
            await asyncio.sleep(_INTERVAL)

    def look(self) -> None:
        """Take one sample of each process."""
        for process in self._served.processes():
            if process.name != TETHER and (sample := _sample(process.pid)):
                # Put back under its newest name: a fork becomes an engine.
                samples = self._samples.pop(process, [])
                samples.append(sample)
                self._samples[process] = samples

    def reports(self) -> list[ProcessReport]:
        """Sum up all processes that were seen."""
        alive = set(self._served.processes())
        return [
            ProcessReport.of(process, samples, died=process not in alive)
            for process, samples in sorted(self._samples.items(), key=lambda item: (item[0].name, item[0].pid))
        ]


def _sample(pid: int) -> Sample | None:
    """Look at a process; None if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines())
    if "VmRSS" not in fields:  # it is ending
        return None
    resident, peak = (1024 * int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return Sample(resident, peak, descriptors, int(fields["Threads"]))
