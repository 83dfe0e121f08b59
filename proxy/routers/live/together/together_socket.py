"""`/audio/speech/websocket`: texts one after the other over one connection, in Together's protocol.

    server  session.created                          {session: {id, model, voice}}
    client  input_text_buffer.append                 {text}
    server  conversation.item.input_text.received    {text}
    server  conversation.item.audio_output.delta     {item_id, delta: base64}
    server  conversation.item.word_timestamps        {item_id, words, start_seconds, end_seconds}, with alignment=word
    client  input_text_buffer.commit                 the end of a text
    server  conversation.item.audio_output.done      {item_id}, for each commit, when nothing else is to be spoken
    server  conversation.item.tts.failed             {error}; the session goes on
    client  input_text_buffer.clear                  drops everything that was not sent, and its `done`
    client  tts_session.updated                      {session: {voice, …}}, for the texts that begin after it
    server  session.updated                          {session}
    client  context.cancel                           {context_id}: as clear
    server  context.cancelled                        {context_id}

The parameters in the query are those of `SessionParameters`. A message may name a `context_id`; contexts are spoken
side by side. Every voice and every model stand for the server's own, since their names are Together's.

When a client clears, Together lets what is already being spoken be spoken to its end. Pipecat clears when somebody
interrupts it, and would take that for the beginning of its next answer.
"""

import asyncio
import itertools
import uuid
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket

from proxy.errors import ApiError, QueueFull, SessionExpired
from proxy.json_body import validated
from proxy.live.connection import LiveConnection, live_connection
from proxy.live.speech import LiveOptions
from proxy.routers.live.options import LiveRequest, live_options
from proxy.routers.live.together.context import Context, Item
from proxy.routers.live.together.messages import ClientMessage, SessionParameters, failure
from proxy.services import AppServices, Services

MOST_CONTEXTS = 5
"""Contexts of one connection that may be spoken at once."""

MOST_UNACKNOWLEDGED = 100_000
"""Characters whose acknowledgement may wait for a client that does not read; it gets none for what it writes then."""

router = APIRouter()


@router.websocket("/audio/speech/websocket")
async def together_socket(websocket: WebSocket, services: AppServices) -> None:
    """Speak texts that are still being written."""
    async with live_connection(websocket, services, _last_message) as connection:
        parameters = validated(SessionParameters, websocket.query_params)
        await _Session(connection, parameters).run()


def _last_message(error: ApiError) -> dict[str, Any]:
    """The message after which the connection is closed. That a session was idle is no failure to those who were."""
    return {**failure(error), "type": "session.expired"} if isinstance(error, SessionExpired) else failure(error)


class _Session:
    """Translates between one client's messages and its contexts."""

    def __init__(self, connection: LiveConnection, parameters: SessionParameters) -> None:
        self._connection = connection
        self._take_parameters(parameters)
        self._items = itertools.count(1)
        self._contexts: dict[str | None, Context] = {}
        self._speaking: dict[str | None, asyncio.Task[None]] = {}
        self._received: asyncio.Queue[str] = asyncio.Queue()  # texts to acknowledge
        self._unacknowledged = 0  # characters of them

    async def run(self) -> None:
        """Serve the client until it leaves."""
        await self._connection.send(self._described("session.created"))
        self._connection.start(self._acknowledge(), endless=True)
        async for received in self._connection.messages():
            try:
                await self._take(validated(ClientMessage, received))
            except ApiError as error:
                await self._connection.send(failure(error))

    async def _take(self, message: ClientMessage) -> None:
        context = self._contexts.get(message.context_id)
        match message.type:
            case "input_text_buffer.append":
                self._append(message)
            case "input_text_buffer.commit":
                if context:
                    context.commit()
            case "input_text_buffer.clear":
                self._drop(message.context_id)
            case "context.cancel":
                self._drop(message.context_id)
                await self._connection.send({"type": "context.cancelled", "context_id": message.context_id})
            case "tts_session.updated":
                self._take_parameters(self._parameters.updated(message.session))
                await self._connection.send(self._described("session.updated"))

    def _append(self, message: ClientMessage) -> None:
        if message.text:
            context = self._contexts.get(message.context_id) or self._open(message.context_id)
            context.append(message.text, self._begin)
            if self._parameters.segment == "immediate":
                context.flush()
        if self._unacknowledged < MOST_UNACKNOWLEDGED:
            self._unacknowledged += len(message.text) + 1
            self._received.put_nowait(message.text)

    async def _acknowledge(self) -> None:
        """Acknowledge texts. Meanwhile others are received, since clients may write a whole text before they read."""
        while True:
            text = await self._received.get()
            await self._connection.send({"type": "conversation.item.input_text.received", "text": text})
            self._unacknowledged -= len(text) + 1

    def _open(self, context_id: str | None) -> Context:
        if len(self._contexts) >= MOST_CONTEXTS:
            raise QueueFull(f"At most {MOST_CONTEXTS} contexts may be spoken at once: commit or cancel one first.")
        context = self._contexts[context_id] = Context(self._connection, context_id)
        self._speaking[context_id] = self._connection.start(self._run(context_id, context))
        return context

    async def _run(self, context_id: str | None, context: Context) -> None:
        await context.run()
        # Nothing can be appended in between.
        del self._contexts[context_id], self._speaking[context_id]

    def _drop(self, context_id: str | None) -> None:
        if context := self._contexts.pop(context_id, None):
            self._speaking.pop(context_id).cancel()
            context.discard()

    def _begin(self) -> Item:
        speech = self._connection.speech(self._options)
        return Item(f"tts_{next(self._items)}", speech, words_timed=self._parameters.alignment == "word")

    def _take_parameters(self, parameters: SessionParameters) -> None:
        self._options = _options(parameters, self._connection.services)
        self._parameters = parameters

    def _described(self, event: str) -> dict[str, Any]:
        session = {
            "id": self._connection.request_id,
            "object": "realtime.tts.session",
            "modalities": ["text", "audio"],
            "model": self._parameters.model,
            "voice": self._parameters.voice,
        }
        return {"type": event, "event_id": f"evt_{uuid.uuid4().hex}", "session": session}


def _options(parameters: SessionParameters, services: Services) -> LiveOptions:
    fields = {
        "response_format": parameters.format_name,
        "sample_rate": parameters.sample_rate,
        "speed": parameters.speed,
        "lexicon": parameters.lexicon or None,
    }
    return replace(live_options(validated(LiveRequest, fields), services), voice=parameters.voice)
