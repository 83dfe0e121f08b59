"""The sign by which a supervisor knows that a worker's event loop runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

from proxy.worker_table import WorkerTable

INTERVAL = 1.0
"""Seconds between two beats."""


@asynccontextmanager
async def heartbeat(table: WorkerTable) -> AsyncIterator[None]:
    """Beat at once and then every second, until the end of the block."""
    beating = asyncio.create_task(_beat(table), name="heartbeat")
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def _beat(table: WorkerTable) -> NoReturn:
    while True:
        table.beat()
        await asyncio.sleep(INTERVAL)
