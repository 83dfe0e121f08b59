"""`/text-to-speech/{voice}/multi-stream-input`: several texts over one connection, in ElevenLabs' protocol.

    client  {"context_id": "a", "text": " ", "voice_settings": {"speed": 1.0}}   opens a context, as any text does
    client  {"context_id": "a", "text": "word ", "flush": true}
    client  {"context_id": "a", "close_context": true}        after a flush, lets what was written be spoken
    client  {"text": ""}                                      keeps the connection open, with a context or without
    client  {"close_socket": true}                            closes every context, then the connection
    server  {"contextId": "a", "audio": …, "alignment": …, "normalizedAlignment": …}
    server  {"contextId": "a", "audio": null, "isFinal": true}
    server  {"contextId": "a", "message": …, "error": …, "code": …}, and then the final message of the context

A context that is closed without a flush, or once more, falls silent at once: its listener has interrupted it.
"""

import asyncio
from contextlib import aclosing

from fastapi import APIRouter
from starlette.websockets import WebSocket

from proxy.errors import ApiError, QueueFull
from proxy.json_body import validated
from proxy.live.connection import LiveConnection, live_connection
from proxy.live.speech import LiveSpeech
from proxy.routers.live.elevenlabs.messages import ClientMessage, Query, ServerMessage, error_message
from proxy.routers.live.elevenlabs.outputs import options_of, outputs
from proxy.routers.live.elevenlabs.text import WrittenText
from proxy.services import AppServices

MOST_CONTEXTS = 5
"""Contexts of one connection that may be open at once, counting those that are still being spoken; as ElevenLabs."""

DEFAULT_CONTEXT = "default"

router = APIRouter()


@router.websocket("/text-to-speech/{voice}/multi-stream-input")
async def multi_stream_input(websocket: WebSocket, voice: str, services: AppServices) -> None:
    """Speak texts side by side. Every voice and every model stand for the server's own."""
    async with live_connection(websocket, services, error_message) as connection:
        query = validated(Query, websocket.query_params)
        options_of(query, voice, None, services)  # a mistake in it is told at once
        connection.limit_idle(query.inactivity_timeout)
        await _Contexts(connection, query, voice).run()


class _Contexts:
    """The contexts of a connection that are being written or spoken, by their ids."""

    def __init__(self, connection: LiveConnection, query: Query, voice: str) -> None:
        self._connection = connection
        self._query = query
        self._voice = voice
        self._contexts: dict[str, _Context] = {}

    async def run(self) -> None:
        """Serve the client until it closes the connection."""
        async for received in self._connection.messages():
            message = validated(ClientMessage, received)
            context_id = message.context_id or DEFAULT_CONTEXT
            try:
                await self._take(context_id, message)
            except ApiError as error:
                await self._connection.send({**error_message(error), "contextId": context_id})
                await self._connection.send(_final(context_id))

    async def _take(self, context_id: str, message: ClientMessage) -> None:
        context = self._contexts.get(context_id)
        if message.close_socket:
            self._connection.start(self._finish())
        elif message.close_context:
            if context:
                await context.close()
        elif context and not context.closed:
            context.text.write(message)
        elif message.text:
            if context:  # one of the same name goes on when it has been spoken
                await asyncio.wait([context.task])
            self._begin(context_id, message).text.write(message)

    def _begin(self, context_id: str, message: ClientMessage) -> "_Context":
        if len(self._contexts) >= MOST_CONTEXTS:
            raise QueueFull(f"At most {MOST_CONTEXTS} contexts may be open at once: close one before you open another.")
        options = options_of(self._query, self._voice, message.voice_settings, self._connection.services)
        context = _Context(self._connection, self._connection.speech(options), self._query, context_id)
        self._contexts[context_id] = context
        context.task.add_done_callback(lambda _: self._contexts.pop(context_id))
        return context

    async def _finish(self) -> None:
        contexts = list(self._contexts.values())
        for context in contexts:
            if not context.closed:
                await context.close()
        await asyncio.gather(*(context.task for context in contexts), return_exceptions=True)
        self._connection.complete()


class _Context:
    """One text, and its speech."""

    def __init__(self, connection: LiveConnection, speech: LiveSpeech, query: Query, context_id: str) -> None:
        self._connection = connection
        self._speech = speech
        self._query = query
        self._id = context_id
        self.closed = False
        """Whether no text may follow."""
        self.text = WrittenText(speech, query)
        self.task = connection.start(self._speak())

    async def close(self) -> None:
        """Let what was written be spoken to its end if it was flushed; else, and the second time, fall silent."""
        if self.text.flushed and not self.closed:
            self.text.end()
        else:
            self.task.cancel()
            await asyncio.wait([self.task])
            await self._connection.send(_final(self._id))
        self.closed = True

    async def _speak(self) -> None:
        try:
            async with aclosing(outputs(self._speech, self._query)) as messages:
                async for message in messages:
                    await self._connection.send(message.model_copy(update={"context_id": self._id}))
            self.text.require_speech()
        except ApiError as error:
            await self._connection.send({**error_message(error), "contextId": self._id})
        await self._connection.send(_final(self._id))


def _final(context_id: str) -> ServerMessage:
    return ServerMessage(is_final=True, context_id=context_id)
