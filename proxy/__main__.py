"""`python -m proxy`: serve until SIGTERM, then finish the requests in progress."""

import logging
import socket
import sys

from pydantic import ValidationError

from proxy.listening import BACKLOG, SharedSocket, http_socket, wyoming_socket
from proxy.logs import configure
from proxy.server import serve
from proxy.settings import Settings
from proxy.supervisor import Supervisor
from proxy.worker_table import WorkerTable

_CLOSE_SECONDS = 5.0
"""Seconds that a worker may take to end when its requests have ended or were cut."""

log = logging.getLogger(__name__)


def main() -> None:
    """Serve with the settings from the environment: in this process, or in several that this one supervises."""
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [f"SOPRANO_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        sys.exit("\n".join(problems))
    configure(settings.log_level, settings.log_format)
    if settings.is_open_to_strangers:
        log.warning(
            "ANYBODY WHO REACHES %s:%d CAN USE THIS SERVER: it asks for no key. Set SOPRANO_API_KEYS or "
            "SOPRANO_API_KEYS_FILE, or SOPRANO_HOST=127.0.0.1.",
            settings.host,
            settings.port,
        )
    http, wyoming = http_socket(settings), _wyoming_socket(settings)
    if settings.workers == 1:
        serve(settings, http, wyoming)
    else:
        sys.exit(_supervise(settings, http, wyoming))


def _wyoming_socket(settings: Settings) -> socket.socket | None:
    try:
        return wyoming_socket(settings)
    except OSError as error:
        sys.exit(f"SOPRANO_WYOMING_PORT: cannot listen on {settings.host}:{settings.wyoming_port}: {error.strerror}")


def _supervise(settings: Settings, http: socket.socket, wyoming: socket.socket | None) -> int:
    """Serve in several processes, and return the exit status."""
    listening = [each for each in (http, wyoming) if each]
    for each in listening:
        each.listen(BACKLOG)

    def work(table: WorkerTable) -> None:
        serve(settings, SharedSocket(table, http), SharedSocket(table, wyoming) if wyoming else None, table)

    supervisor = Supervisor(
        WorkerTable(settings.workers, settings.accepted_keys),
        listening,
        work,
        # A worker ends its HTTP connections first and those of Wyoming then.
        stop_deadline=settings.drain_deadline * (2 if wyoming else 1) + _CLOSE_SECONDS,
    )
    return supervisor.run()


if __name__ == "__main__":
    main()
