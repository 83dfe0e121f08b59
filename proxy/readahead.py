"""Reading ahead of an asynchronous generator for a limited time."""

import asyncio
import time
from collections.abc import AsyncGenerator


class Readahead:
    """The `pieces` of a generator, none of them empty, to take one by one or all that come within a time.

    A time limit around `anext` would cancel the generator; here the piece that was waited for is kept instead.
    `ended` tells whether the last piece was taken.
    """

    def __init__(self, pieces: AsyncGenerator[bytes]) -> None:
        self._pieces = pieces
        self._next: asyncio.Task[bytes] | None = None
        self.ended = False

    async def take(self) -> bytes:
        """The next piece; empty at the end."""
        piece = await self._upcoming()
        self._next = None
        self.ended = not piece
        return piece

    async def take_for(self, seconds: float) -> bytes:
        """All that comes within `seconds`, as one."""
        taken = bytearray()
        end = time.monotonic() + seconds
        while not self.ended:
            done, _ = await asyncio.wait({self._upcoming()}, timeout=end - time.monotonic())
            if not done:
                break
            taken += await self.take()
        return bytes(taken)

    async def aclose(self) -> None:
        """Close the generator, wherever it stands."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
        await self._pieces.aclose()

    def _upcoming(self) -> asyncio.Task[bytes]:
        if self._next is None:
            self._next = asyncio.create_task(_next_piece(self._pieces))
        return self._next


async def _next_piece(pieces: AsyncGenerator[bytes]) -> bytes:
    return await anext(pieces, b"")
