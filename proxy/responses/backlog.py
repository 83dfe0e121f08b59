"""The encoded audio of a clip that has not been sent yet."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from proxy.api_types import TimedSentence
from proxy.responses.buffer_budget import BufferBudget, used_up
from proxy.responses.clip import Piece

PART_BYTES = 49152
"""Most bytes taken at once; the server keeps a part in memory until the client has read all of it. A multiple of 3, so
that parts can be encoded in base64 one by one."""


class Backlog:
    """Reads the `pieces` of a clip as soon as they are made, and keeps them for a client that may be slow.

    A slow client must not slow down the reading: the stream would then accumulate in Triton without limit. Here each
    byte is charged to the `budget`. When the budget is used up, the largest backlog is dropped, `on_drop` is called,
    and calls that wait for its audio raise `QueueFull`.

    `sentences` are the sentences whose audio was taken completely, and `seconds` is the length of the audio taken.
    `silence` are the seconds before the first sound, once that was taken.
    """

    def __init__(self, pieces: AsyncGenerator[Piece], budget: BufferBudget, on_drop: Callable[[], object]) -> None:
        self.sentences: list[TimedSentence] = []
        self.seconds = 0.0
        self.silence: float | None = None
        self.size = 0
        """Bytes that can be taken now."""
        self._queue: deque[Piece] = deque()
        self._offset = 0  # bytes taken from the first piece
        self._ended = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._on_drop = on_drop
        self._account = budget.open(self._drop)
        self._filling = asyncio.create_task(self._fill(pieces))

    async def begin(self) -> None:
        """Wait for the first bytes. Raises the error that prevented them."""
        while not self._queue and not self._ended:
            await self._wait()
        if not self._queue and self._error is not None:
            raise self._error

    async def complete(self, seconds: float | None = None) -> bool:
        """Wait until the clip is complete; False if it is not within `seconds`. Raises the error that prevented it."""
        try:
            async with asyncio.timeout(seconds):
                while not self._ended:
                    await self._wait()
        except TimeoutError:
            return False
        if self._error is not None:
            raise self._error
        return True

    async def take(self) -> bytes:
        """The next part; empty at the end. Raises the error that prevented it."""
        await self.begin()
        if not self._queue:
            return b""
        piece = self._queue[0]
        self.silence = piece.silence
        part = piece.data[self._offset : self._offset + PART_BYTES]
        self.size -= len(part)
        self._offset += len(part)
        if self._offset == len(piece.data):
            self._queue.popleft()
            self._offset = 0
            self._pass(piece)
            self._account.add(-len(piece.data))
        return part

    async def aclose(self) -> None:
        """Stop reading; when this returns, the synthesis has been cancelled."""
        self._filling.cancel()
        await asyncio.gather(self._filling, return_exceptions=True)
        self._account.close()

    async def _fill(self, pieces: AsyncGenerator[Piece]) -> None:
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    self._put(piece)
        except Exception as error:  # raised by `take` and the other methods that wait
            self._error = self._error or error
        finally:
            self._ended = True
            self._news.set()

    def _put(self, piece: Piece) -> None:
        self._account.add(len(piece.data))
        self._account.hold(piece.held)
        if self._error is not None:  # the line above exceeded the budget and dropped this backlog
            return
        if piece.data:
            self._queue.append(piece)
            self.size += len(piece.data)
            self._news.set()
        elif self._queue:
            self._queue[-1].absorb(piece)
        else:
            self._pass(piece)

    def _pass(self, piece: Piece) -> None:
        self.sentences += piece.sentences
        self.seconds = piece.seconds

    def _drop(self) -> None:
        self._error = used_up()
        self._queue.clear()
        self.size = self._offset = 0
        self._ended = True
        self._filling.cancel()
        self._news.set()
        self._on_drop()

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()
