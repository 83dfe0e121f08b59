"""The client's connection: its work is cancelled when it disconnects."""

import asyncio
import time
from collections.abc import Coroutine

from starlette.types import Receive


class ClientDisconnected(Exception):
    """The client disconnected before its response was complete; the work for it ended `seconds` later."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the client disconnected; the work for it ended {seconds:.3f} seconds later")
        self.seconds = seconds


async def while_connected(receive: Receive, work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end, or cancel it and raise `ClientDisconnected` when the client disconnects.

    The request's body must have been read already, so that `receive` returns nothing but the disconnection.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_disconnection(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        left = None if working.done() else time.monotonic()
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)
    if left is not None:
        raise ClientDisconnected(time.monotonic() - left)
    working.result()


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
