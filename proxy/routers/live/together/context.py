"""The texts of one context, spoken one after the other."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from proxy.errors import ApiError, QueueFull
from proxy.live.connection import LiveConnection
from proxy.live.speech import LiveSpeech
from proxy.live.text import MOST_WAITING
from proxy.request_record import Ending
from proxy.responses.clip import Piece
from proxy.routers.live.together.messages import failure, word_timestamps

QUIET_SECONDS = 0.5
"""How long a client may be quiet before it is told that what it has committed is done.

Pipecat commits each sentence of an answer by itself. It takes what comes after a `done` for something that nobody asked
for, so there should be none while an answer is being written. A second commit, with which Pipecat ends an answer, makes
the `done` come at once.
"""

_SENTENCE_END = re.compile(r"""\s\S+[.!?\u2026]["'\u2019\u201d)\]]*\Z""")
"""The last word of a sentence, after others of it."""

_LONGEST_WORD = 100


class Item:
    """A text up to its commit: one clip."""

    def __init__(self, item_id: str, speech: LiveSpeech, *, words_timed: bool) -> None:
        self.item_id = item_id
        self.speech = speech
        self.words_timed = words_timed
        self._ends_with_sentence = False

    def write(self, text: str) -> None:
        """Add the next characters, with a space between sentences: clients that send them one by one leave it out."""
        if self._ends_with_sentence and text[0].isupper():
            text = f" {text}"
        self.speech.append(text)
        self._ends_with_sentence = _SENTENCE_END.search(text[-_LONGEST_WORD:]) is not None


class Context:
    """Speaks its items in order, as long as there are any."""

    def __init__(self, connection: LiveConnection, context_id: str | None) -> None:
        self._connection = connection
        self._names = {} if context_id is None else {"context_id": context_id}
        self._items: asyncio.Queue[Item | None] = asyncio.Queue()  # None: the client has nothing more to say
        self._waiting: list[Item] = []  # the items among them
        self._written: Item | None = None
        self._done: list[Item] = []

    def append(self, text: str, begin: Callable[[], Item]) -> None:
        """Add the next characters; `begin` makes the item that they begin. Raises `QueueFull`."""
        if sum(item.speech.record.characters for item in self._waiting) + len(text) > MOST_WAITING:
            raise QueueFull(f"More than {MOST_WAITING} characters wait to be spoken; send them later.")
        if self._written is None:
            self._written = begin()
            self._waiting.append(self._written)
            self._items.put_nowait(self._written)
        self._written.write(text)

    def flush(self) -> None:
        """Have everything spoken that was written."""
        if self._written:
            self._written.speech.flush()

    def commit(self) -> None:
        """End what is being written; without anything, the client has nothing more to say for now."""
        if self._written:
            self._written.speech.end()
            self._written = None
        else:
            self._items.put_nowait(None)

    def discard(self) -> None:
        """End the items that have not begun to be spoken and never will, so that they are logged."""
        for item in self._waiting:
            self._connection.start(_discard(item.speech))

    async def run(self) -> None:
        """Speak until there is nothing more, and the client knows that."""
        while self._waiting or self._done:
            item = await self._next()
            if item:
                await self._speak(item)
            else:
                await self._tell_done()

    async def _next(self) -> Item | None:
        try:
            async with asyncio.timeout(QUIET_SECONDS if self._done else None):
                return await self._items.get()
        except TimeoutError:
            return None

    async def _speak(self, item: Item) -> None:
        self._waiting.remove(item)
        try:
            async with aclosing(item.speech.pieces()) as pieces:
                async for piece in pieces:
                    if piece.data and item is self._written:  # it may take long to be committed
                        await self._tell_done()
                    await self._send_piece(item, piece)
        except ApiError as error:
            await self._send(item, failure(error))
        if item is self._written:
            self._written = None
        self._done.append(item)

    async def _send_piece(self, item: Item, piece: Piece) -> None:
        if piece.data:
            delta = b64encode(piece.data).decode()
            await self._send(item, {"type": "conversation.item.audio_output.delta", "delta": delta})
        for sentence in piece.sentences if item.words_timed else ():
            await self._send(item, word_timestamps(sentence))

    async def _tell_done(self) -> None:
        done, self._done = self._done, []
        for item in done:
            await self._send(item, {"type": "conversation.item.audio_output.done"})

    async def _send(self, item: Item, message: Mapping[str, Any]) -> None:
        await self._connection.send({**message, "item_id": item.item_id, **self._names})


async def _discard(speech: LiveSpeech) -> None:
    speech.clear()
    speech.end()
    speech.record.ending = Ending.LEFT
    async for _ in speech.pieces():
        pass
