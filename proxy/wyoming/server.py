"""The server of Wyoming, beside the one of HTTP."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.listening import accepted_at_once
from proxy.services import Services
from proxy.wyoming.connection import Connection

log = logging.getLogger(__name__)


@asynccontextmanager
async def wyoming_server(services: Services, listening: socket.socket | None) -> AsyncIterator[None]:
    """Serve Wyoming within the block on a socket that is bound, if there is one.

    At the end of the block, texts that are being spoken have the time of the drain deadline.
    """
    settings = services.settings
    if listening is None:
        yield
        return
    stopping = asyncio.Event()
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(Connection(services, stopping, reader, writer).run())
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(
        connected, sock=listening, limit=settings.max_body_bytes, backlog=accepted_at_once(listening)
    )
    log.info("Wyoming is served on %s:%d", settings.host, settings.wyoming_port)
    try:
        yield
    finally:
        server.close()
        stopping.set()
        await _end(connections, settings.drain_deadline)


async def _end(connections: set[asyncio.Task[None]], deadline: float) -> None:
    """Wait for connections, and cancel those that take longer than the deadline."""
    if not connections:
        return
    _, late = await asyncio.wait(connections, timeout=deadline)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
