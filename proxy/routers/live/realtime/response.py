"""One response: a text that is read aloud, and the events that tell of it."""

import asyncio
import base64
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

from proxy.errors import ApiError, InvalidValue
from proxy.live.connection import LiveConnection
from proxy.live.speech import LiveOptions
from proxy.responses.clip import Piece
from proxy.routers.live.realtime.conversation import Conversation, Item
from proxy.routers.live.realtime.ids import new_id
from proxy.routers.live.realtime.session import Session
from proxy.synthesis.interface import Usage

Status = Literal["in_progress", "completed", "cancelled", "failed"]


@dataclass(frozen=True)
class ResponseOptions:
    """How a response is spoken, and where its message goes: to no conversation if it is out of band."""

    session: Session
    speech: LiveOptions
    conversation: Conversation | None
    metadata: dict[str, str] | None = None


class Response:
    """Reads what is written into it, when it is its turn, until `end` was called. `turns` has those that may speak."""

    def __init__(self, connection: LiveConnection, options: ResponseOptions, turns: asyncio.Semaphore) -> None:
        self.id = new_id("resp")
        self.options = options
        self.is_open = True
        """Whether more may be written."""
        self._connection = connection
        self._turns = turns
        self._speech = connection.speech(options.speech)
        self._task: asyncio.Task[None] | None = None
        self._status: Status = "in_progress"
        self._error: ApiError | None = None
        self._item: Item | None = None
        self._previous: str | None = None  # the id of the item before it
        self._transcript = ""

    @property
    def is_active(self) -> bool:
        """Whether it can still be cancelled."""
        return self._status == "in_progress"

    def write(self, text: str) -> None:
        """Add to the text. Raises `QueueFull` if too much of it waits to be spoken."""
        self._speech.append(text)

    def end(self) -> None:
        """Mark that nothing follows."""
        self.is_open = False
        self._speech.end()

    async def start(self) -> None:
        """Tell that there is a response, and have it spoken."""
        await self._connection.send(event("response.created", response=self._body()))
        self._task = self._connection.start(self._speak())

    async def cancel(self) -> None:
        """Give it up, and tell so."""
        if self._task is None or not self.is_active:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        self._speech.finished = True  # also if it was not its turn
        if self.is_active:
            await self._finish("cancelled")

    async def _speak(self) -> None:
        async with self._turns:
            try:
                async with aclosing(self._speech.pieces()) as pieces:
                    async for piece in pieces:
                        await self._tell(piece)
                if self._item is None:
                    raise InvalidValue("input", "there is nothing in the text that can be spoken.")
            except ApiError as error:
                self._error = error
            await self._finish("failed" if self._error else "completed")

    async def _tell(self, piece: Piece) -> None:
        """Send a piece of the speech, and what is said in it."""
        if not piece.data and not piece.begun:
            return
        item = self._item or await self._begin_item()
        item.seconds = piece.seconds
        for sentence in piece.begun:
            text = self._speech.text(sentence.start, sentence.end)
            delta = f" {text}" if self._transcript else text
            self._transcript += delta
            await self._send_part("response.output_audio_transcript.delta", item, delta=delta)
        if piece.data:
            await self._send_part("response.output_audio.delta", item, delta=base64.b64encode(piece.data).decode())

    async def _begin_item(self) -> Item:
        item = self._item = Item("assistant", [], "in_progress", read=True)
        conversation = self.options.conversation
        self._previous = conversation.add(item) if conversation is not None else None
        await self._send_item("response.output_item.added", item)
        if conversation is not None:
            await self._connection.send(
                event("conversation.item.added", previous_item_id=self._previous, item=item.body())
            )
        await self._send_part("response.content_part.added", item, part={"type": "audio", "transcript": ""})
        return item

    async def _finish(self, status: Status) -> None:
        """Tell the end, however it came."""
        self._status, self.is_open = status, False
        if self._item is not None:
            await self._finish_item(self._item)
        await self._connection.send(event("response.done", response=self._body()))

    async def _finish_item(self, item: Item) -> None:
        item.status = "completed" if self._status == "completed" else "incomplete"
        item.content = [{"type": "output_audio", "transcript": self._transcript}]
        await self._send_part("response.output_audio.done", item)
        await self._send_part("response.output_audio_transcript.done", item, transcript=self._transcript)
        part = {"type": "audio", "transcript": self._transcript}
        await self._send_part("response.content_part.done", item, part=part)
        if self.options.conversation is not None:
            await self._connection.send(
                event("conversation.item.done", previous_item_id=self._previous, item=item.body())
            )
        await self._send_item("response.output_item.done", item)

    async def _send_item(self, kind: str, item: Item) -> None:
        await self._connection.send(event(kind, response_id=self.id, output_index=0, item=item.body()))

    async def _send_part(self, kind: str, item: Item, **fields: object) -> None:
        place = {"response_id": self.id, "item_id": item.id, "output_index": 0, "content_index": 0}
        await self._connection.send(event(kind, **place, **fields))

    def _body(self) -> dict[str, Any]:
        """The response, as clients see it."""
        session, conversation = self.options.session, self.options.conversation
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": self._status,
            "status_details": self._details(),
            "output": [self._item.body()] if self._item is not None else [],
            "conversation_id": conversation.id if conversation is not None else None,
            "output_modalities": ["audio"],
            "max_output_tokens": "inf",
            "audio": {"output": {"format": session.format_body(), "voice": session.voice}},
            "usage": None if self.is_active else _usage(self._speech.usage),
            "metadata": self.options.metadata,
        }

    def _details(self) -> dict[str, Any] | None:
        match self._status:
            case "cancelled":
                return {"type": "cancelled", "reason": "client_cancelled"}
            case "failed" if self._error is not None:
                error = self._error
                return {
                    "type": "failed",
                    "error": {"type": error.type, "code": error.code, "message": str(error)},
                }
        return None


def event(kind: str, **fields: object) -> dict[str, object]:
    """An event of the server."""
    return {"type": kind, "event_id": new_id("event"), **fields}


def _usage(usage: Usage) -> dict[str, Any]:
    """Tokens, as Realtime counts them: text goes in, audio comes out."""
    text, audio = usage.prompt_tokens, usage.audio_tokens
    return {
        "total_tokens": text + audio,
        "input_tokens": text,
        "output_tokens": audio,
        "input_token_details": {"text_tokens": text, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0},
        "output_token_details": {"text_tokens": 0, "audio_tokens": audio},
    }
