"""The client's connection: work on its behalf ends when it leaves."""

import asyncio
from collections.abc import Coroutine

from starlette.types import Receive


class ClientDisconnected(Exception):
    """The client went away before its answer was complete."""


async def while_connected(receive: Receive, work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end, or cancel it and raise `ClientDisconnected` once the client has gone.

    The request's body must have been read: what `receive` still has to tell is then the disconnection alone.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_disconnection(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnected
        working.result()
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
