"""Owns a process and waits to be killed: `python -m tests.launch.owner COMMAND [ARGUMENT ...]`."""

import os
import signal
import sys

from launch.process.tethered_process import TetheredProcess


def main() -> None:
    process = TetheredProcess(sys.argv[1:], environment=os.environ)
    sys.stdout.write(f"{process.pid}\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main()
