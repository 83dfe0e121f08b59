"""A supervisor of two workers that do no work: `python -m tests.proxy.supervised BEHAVIOUR`.

Each worker prints its process id once it works.
"""

import logging
import os
import signal
import sys
import time

from proxy import supervisor
from proxy.supervisor import Supervisor
from proxy.worker_table import WorkerTable

HANG_SECONDS = 1.0
STOP_DEADLINE = 1.0


def fail(_: WorkerTable) -> None:
    sys.exit(3)


def hang(table: WorkerTable) -> None:
    say_that_it_works(table)
    time.sleep(60)


def beat(table: WorkerTable) -> None:
    say_that_it_works(table)
    while True:
        table.beat()
        time.sleep(0.1)


def beat_on(table: WorkerTable) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    beat(table)


def say_that_it_works(table: WorkerTable) -> None:
    table.beat()
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()


def main() -> None:
    logging.basicConfig(format="%(message)s")
    supervisor.HANG_SECONDS = HANG_SECONDS
    sys.exit(Supervisor(WorkerTable(2), [], globals()[sys.argv[1]], stop_deadline=STOP_DEADLINE).run())


if __name__ == "__main__":
    main()
