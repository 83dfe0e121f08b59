"""The sockets that the proxy listens on, and the options that connections inherit from them."""

import socket
import time
from typing import Any

import uvicorn

from proxy.settings import Settings
from proxy.worker_table import WorkerTable

UNSENT_BYTES = 65536
"""Bytes that the kernel buffers for a client, not counting bytes sent and not yet acknowledged."""

BACKLOG = 2048
"""Connections that may wait until a worker accepts them."""

PATIENCE = 0.005
"""Seconds that a worker leaves a connection to others. Its event loop does not sleep meanwhile."""

_MOST_AHEAD = 1
_SHARE_AHEAD = 0.1
"""A worker may have one connection and a tenth more than the one that has the fewest."""


class SharedSocket(socket.socket):
    """A listening socket of all workers of `table`, from which each accepts about as many connections as the others.

    The kernel would give most of them to the worker that happens to wake up first. This one leaves a connection to the
    others while it has more than the one that has the fewest, but not for longer than `PATIENCE`: they may be busy.
    """

    def __init__(self, table: WorkerTable, listening: socket.socket) -> None:
        """Take over a socket that listens."""
        super().__init__(fileno=listening.detach())
        self._table = table
        self._leaving_since: float | None = None

    def listen(self, backlog: int = BACKLOG) -> None:
        """Do nothing: it listens already, and asyncio's `backlog` is what `accepted_at_once` says."""

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection. Raises `BlockingIOError` if there is none, or if it should be another worker's."""
        if self._leaves_it():
            raise BlockingIOError
        accepted, address = super().accept()
        self._leaving_since = None
        return _CountedConnection(self._table, accepted.detach()), address

    def _leaves_it(self) -> bool:
        if self._table.connections() <= _MOST_AHEAD + (1 + _SHARE_AHEAD) * self._table.fewest_connections():
            return False
        now = time.monotonic()
        if self._leaving_since is None:
            self._leaving_since = now
        return now - self._leaving_since < PATIENCE


class _CountedConnection(socket.socket):
    """A connection that is counted in the table until it is closed."""

    def __init__(self, table: WorkerTable, descriptor: int) -> None:
        super().__init__(fileno=descriptor)
        self._table = table
        table.change_connections(1)

    def close(self) -> None:
        """Close it, and count it no more."""
        if self.fileno() >= 0:
            self._table.change_connections(-1)
        super().close()


def accepted_at_once(listening: socket.socket) -> int:
    """The `backlog` for asyncio, which is also how many connections it accepts before it does anything else."""
    return 1 if isinstance(listening, SharedSocket) else BACKLOG


def http_socket(settings: Settings) -> socket.socket:
    """A bound socket for HTTP. Logs the address; ends the process if it cannot be had."""
    listening = uvicorn.Config("", host=settings.host, port=settings.port, log_config=None).bind_socket()
    set_socket_options(listening, settings.reader_deadline)
    return listening


def wyoming_socket(settings: Settings) -> socket.socket | None:
    """A bound socket for Wyoming, if the settings have a port for it. Raises `OSError` if the port is taken."""
    if settings.wyoming_port is None:
        return None
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.create_server((settings.host, settings.wyoming_port), family=family)
    set_socket_options(listening, settings.reader_deadline)
    return listening


def set_socket_options(listening: socket.socket, reader_deadline: float) -> None:
    """Set the options that connections inherit; to be called before the first one is accepted.

    asyncio sets TCP_NODELAY itself, but not on connections of a socket that uvicorn created. Without it, each piece of
    audio waits up to 40 ms until the client has acknowledged the one before.
    """
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # By default the kernel buffers megabytes per client, which hides that the client is slow, and accepts more only
    # when a third of them was read: minutes later, if the client reads no faster than speech plays.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    # By default the kernel keeps unread data for as long as the client stays connected.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(reader_deadline * 1000))
