"""Memory, descriptors and threads of the server's processes during a run, and whether they grow."""

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
_LEAST_SAMPLES = 8  # fewer cannot be divided into quarters
_LEAST_JUDGED = 240  # samples; in shorter runs, processes still warm up in the second quarter
MEGABYTE = 1 << 20
_SLACK = {"resident": 16.0 * MEGABYTE, "descriptors": 8.0, "threads": 4.0}
"""Allowed growth: the figures also depend on the open requests."""


@dataclass(frozen=True)
class Sample:
    """A process at one moment; memory in bytes."""

    resident: int
    peak: int
    """The largest resident memory since the process began."""
    descriptors: int
    threads: int


@dataclass(frozen=True)
class Growth:
    """A figure in the second and in the last quarter of a run; the first quarter is the warm-up."""

    second: float
    last: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Growth":
        """Return the medians of the two quarters."""
        quarter = len(figures) // 4
        return cls(statistics.median(figures[quarter : 2 * quarter]), statistics.median(figures[-quarter:]))

    def is_flat(self, slack: float) -> bool:
        """Whether it grew by at most 5 percent or `slack`, whichever is larger."""
        return self.last - self.second <= max(0.05 * self.second, slack)


@dataclass(frozen=True)
class ProcessReport:
    """The resources of a process in a run. Growths are None in runs of a few seconds, and judged in runs of minutes."""

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
        """Combine the samples of a process."""
        growths = {
            name: Growth.of([getattr(sample, name) for sample in samples]) if len(samples) >= _LEAST_SAMPLES else None
            for name in _SLACK
        }
        peak = max(sample.peak for sample in samples)
        return cls(name=process.name, pid=process.pid, samples=len(samples), peak=peak, died=died, **growths)

    @property
    def growing(self) -> list[str]:
        """The names of the figures that are not flat."""
        if self.samples < _LEAST_JUDGED:
            return []
        growths: dict[str, Growth | None] = {name: getattr(self, name) for name in _SLACK}
        return [name for name, growth in growths.items() if growth and not growth.is_flat(_SLACK[name])]

    @property
    def outcome(self) -> Outcome:
        """Whether it survived and all its figures are flat."""
        if self.died or self.growing:
            return Outcome.MISSED
        return Outcome.UNKNOWN if self.samples < _LEAST_JUDGED else Outcome.MET


class Sampler:
    """Samples every process of a server once a second, until cancelled, except tethers, which only wait."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._samples: dict[ServerProcess, list[Sample]] = {}

    async def run(self) -> NoReturn:
        """Take samples."""
        while True:
            self.look()
            await asyncio.sleep(_INTERVAL)

    def look(self) -> None:
        """Take one sample of each process."""
        for process in self._served.processes():
            if process.name != TETHER and (sample := _sample(process.pid)):
                # Stored again under its current name: a forked process renames itself to an engine.
                samples = self._samples.pop(process, [])
                samples.append(sample)
                self._samples[process] = samples

    def reports(self) -> list[ProcessReport]:
        """Return the reports of all processes."""
        alive = set(self._served.processes())
        return [
            ProcessReport.of(process, samples, died=process not in alive)
            for process, samples in sorted(self._samples.items(), key=lambda item: (item[0].name, item[0].pid))
        ]


def _sample(pid: int) -> Sample | None:
    """Return a sample of a process; None if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines())
    if "VmRSS" not in fields:  # the process is ending
        return None
    resident, peak = (1024 * int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return Sample(resident, peak, descriptors, int(fields["Threads"]))
