"""Owns a process that is busy, and waits for it: `python -m tests.perf.owner FILE`."""

import sys
from pathlib import Path

from perf.worker import SeparateProcess
from tests.perf import tasks

if __name__ == "__main__":
    with SeparateProcess("sleeper") as process:
        process.run(tasks.sleep, Path(sys.argv[1]))
