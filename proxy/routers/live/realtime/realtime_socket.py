"""`/realtime`: the session of one client."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket

from proxy.errors import ApiError, InputTooLong, InvalidValue, NothingToCancel, QueueFull
from proxy.live.connection import LiveConnection, live_connection
from proxy.routers.live.realtime.client_events import (
    NO_EARS,
    ItemCreate,
    ItemDelete,
    ItemRetrieve,
    ItemTruncate,
    Message,
    ResponseCancel,
    ResponseCreate,
    ResponseSettings,
    SessionUpdate,
    SpeechSettings,
    client_event,
)
from proxy.routers.live.realtime.conversation import MOST_CHARACTERS, Conversation, Item
from proxy.routers.live.realtime.ids import new_id
from proxy.routers.live.realtime.response import Response, ResponseOptions, event
from proxy.routers.live.realtime.session import Session
from proxy.services import AppServices

SUBPROTOCOL = "realtime"

MOST_RESPONSES = 32
"""Responses that may be under way in a session, most of them waiting."""

AT_ONCE = 4
"""Responses out of band that are spoken at once; one of the conversation is spoken beside them."""

router = APIRouter()


@router.websocket("/realtime")
async def realtime_socket(websocket: WebSocket, services: AppServices) -> None:
    """Read aloud what a client of OpenAI's Realtime API sends."""
    subprotocol = SUBPROTOCOL if SUBPROTOCOL in websocket.scope["subprotocols"] else None
    async with live_connection(websocket, services, _error, subprotocol=subprotocol) as connection:
        if not {"intent", "call_id"}.isdisjoint(websocket.query_params):
            raise InvalidValue("intent", NO_EARS)
        await _Dialect(connection, websocket.query_params.get("model") or None).run()


def _error(error: ApiError, event_id: str | None = None) -> dict[str, Any]:
    return event("error", error={**error.body()["error"], "event_id": event_id})


class _Dialect:
    """Does what one client's events ask for."""

    def __init__(self, connection: LiveConnection, model: str | None) -> None:
        self._connection = connection
        self._id = new_id("sess")
        self._session = Session().changed(SpeechSettings(model=model))
        self._conversation = Conversation()
        self._responses: list[Response] = []
        self._turns = asyncio.Semaphore(1)
        self._turns_out_of_band = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Serve the client until it leaves. Raises `ModelNotFound`."""
        self._session.options(self._connection.services)
        await self._send("session.created", session=self._session.body(self._id))
        async for message in self._connection.messages():
            try:
                await self._obey(message)
            except ApiError as error:
                event_id = message.get("event_id")
                await self._connection.send(_error(error, event_id if isinstance(event_id, str) else None))

    async def _obey(self, message: dict[str, Any]) -> None:
        match client_event(message):
            case SessionUpdate(session=settings):
                await self._update(settings)
            case ItemCreate(item=item, previous_item_id=after):
                await self._add(item, after)
            case ItemDelete(item_id=item_id):
                self._conversation.delete(item_id)
                await self._send("conversation.item.deleted", item_id=item_id)
            case ItemRetrieve(item_id=item_id):
                await self._send("conversation.item.retrieved", item=self._conversation.find(item_id).body())
            case ItemTruncate() as truncate:
                await self._truncate(truncate)
            case ResponseCreate(response=settings):
                await self._respond(settings or ResponseSettings())
            case ResponseCancel(response_id=response_id):
                await self._cancel(response_id)

    async def _update(self, settings: SpeechSettings) -> None:
        session = self._session.changed(settings)
        session.options(self._connection.services)
        self._session = session
        await self._send("session.updated", session=session.body(self._id))

    async def _add(self, message: Message, after: str | None) -> None:
        item = Item.of(message)
        previous = self._conversation.add(item, after)
        if message.role == "user":
            self._go_on(item)
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self._send(kind, previous_item_id=previous, item=item.body())

    def _go_on(self, item: Item) -> None:
        """Have a message read by the response whose text it goes on with, if there is one."""
        response = next((each for each in self._responses if each.is_open), None)
        if response is None:
            return
        try:
            response.write(item.text)
        except QueueFull:
            self._conversation.delete(item.id)
            raise
        item.read = True
        if not item.goes_on:
            response.end()

    async def _respond(self, settings: ResponseSettings) -> None:
        self._responses = [each for each in self._responses if each.is_active]
        if len(self._responses) >= MOST_RESPONSES:
            raise QueueFull(f"{MOST_RESPONSES} responses are under way; wait for response.done.")
        items = self._items(settings)
        goes_on = settings.input is None and bool(items) and items[-1].goes_on
        text = _text(items, empty=goes_on)
        session = self._session.changed(settings)
        out_of_band = settings.conversation == "none"
        options = ResponseOptions(
            session,
            session.options(self._connection.services),
            None if out_of_band else self._conversation,
            settings.metadata,
        )
        response = Response(self._connection, options, self._turns_out_of_band if out_of_band else self._turns)
        response.write(text)
        if not goes_on:
            response.end()
        for item in items:
            item.read = True
        self._responses.append(response)
        await response.start()

    def _items(self, settings: ResponseSettings) -> list[Item]:
        """The messages that a response is to read."""
        if settings.input is None:
            return self._conversation.unread()
        return [
            Item.of(each) if isinstance(each, Message) else self._conversation.find(each.id, "response.input")
            for each in settings.input
        ]

    async def _cancel(self, response_id: str | None) -> None:
        cancelled = [
            each
            for each in self._responses
            if each.is_active
            and (each.options.conversation is not None if response_id is None else each.id == response_id)
        ]
        if not cancelled:
            raise NothingToCancel
        for response in reversed(cancelled):  # those that wait first, so that none of them begins
            await response.cancel()

    async def _truncate(self, truncate: ItemTruncate) -> None:
        item = self._conversation.find(truncate.item_id)
        if item.role != "assistant":
            raise InvalidValue("item_id", "only what was spoken can be truncated.")
        if truncate.audio_end_ms > item.seconds * 1000:
            raise InvalidValue("audio_end_ms", f"the audio has only {item.seconds * 1000:.0f} ms.")
        item.content = [{"type": "output_audio", "transcript": ""}]
        await self._send(
            "conversation.item.truncated",
            item_id=item.id,
            content_index=truncate.content_index,
            audio_end_ms=truncate.audio_end_ms,
        )

    async def _send(self, kind: str, **fields: object) -> None:
        await self._connection.send(event(kind, **fields))


def _text(items: list[Item], *, empty: bool) -> str:
    """The text of messages. Raises `InvalidValue` if there is nothing in it, unless it may be `empty`."""
    text = "".join(item.text for item in items)
    if len(text) > MOST_CHARACTERS:
        raise InputTooLong(len(text), MOST_CHARACTERS)
    if not text.strip() and not empty:
        raise InvalidValue(
            "response.input",
            "there is nothing to read. Create a message of the user first, or send one in response.input; "
            "instructions are not read.",
        )
    return text
