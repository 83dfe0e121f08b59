"""Owns a process that is busy, and waits for it: `python -m tests.measuring.owner FILE`."""

import sys
from pathlib import Path

from measuring.worker import SeparateProcess
from tests.measuring import tasks

if __name__ == "__main__":
    with SeparateProcess("sleeper") as process:
        process.run(tasks.sleep, Path(sys.argv[1]))
