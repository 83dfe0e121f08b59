"""What else the machine was doing while it was being measured."""

import os
import resource
import time
from pathlib import Path


class OtherLoad:
    """Counts from its construction on. Processes started by this one are its own once they have ended. For Linux."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._others = _others()

    def cores(self) -> float:
        """Return how many processors others have kept busy, on average."""
        return self.seconds() / (time.monotonic() - self._start)

    def seconds(self) -> float:
        """Return the processor seconds that others have used."""
        return max(0.0, _others() - self._others)


def _others() -> float:
    """Processor seconds of everything but this process and those that it has waited for, since the machine started."""
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return _machine() - sum(usage.ru_utime + usage.ru_stime for usage in own)


def _machine() -> float:
    """Processor seconds of all processes, and of other machines that share the processors (`steal`)."""
    counted = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, counted[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
