"""The server of Wyoming, beside the one of HTTP."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.services import Services
from proxy.settings import Settings
from proxy.socket_options import set_socket_options
from proxy.wyoming.connection import Connection

log = logging.getLogger(__name__)


@asynccontextmanager
async def wyoming_server(services: Services) -> AsyncIterator[None]:
    """Serve Wyoming within the block, if the settings have a port for it.

    At the end of the block, texts that are being spoken have the time of the drain deadline. Raises `OSError` if the
    port is taken.
    """
    settings = services.settings
    if settings.wyoming_port is None:
        yield
        return
    stopping = asyncio.Event()
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(Connection(services, stopping, reader, writer).run())
        connections.add(task)
        task.add_done_callback(connections.discard)

    listening = _listening_socket(settings, settings.wyoming_port)
    server = await asyncio.start_server(connected, sock=listening, limit=settings.max_body_bytes)
    log.info("Wyoming is served on %s:%d", settings.host, settings.wyoming_port)
    try:
        yield
    finally:
        server.close()
        stopping.set()
        await _end(connections, settings.drain_deadline)


def _listening_socket(settings: Settings, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.create_server((settings.host, port), family=family)
    set_socket_options(listening, settings.reader_deadline)
    return listening


async def _end(connections: set[asyncio.Task[None]], deadline: float) -> None:
    """Wait for connections, and cancel those that take longer than the deadline."""
    if not connections:
        return
    _, late = await asyncio.wait(connections, timeout=deadline)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
