"""`/text-to-speech/{voice}/stream-input`: one text a connection, in ElevenLabs' protocol.

client  {"text": " ", "voice_settings": {"speed": 1.0}}   at first; may be left out
client  {"text": "word ", "flush": true}                  as often as it likes; flush may be left out
client  {"text": ""}                                      the end of the text
server  {"audio": …, "alignment": …, "normalizedAlignment": …}
server  {"audio": null, "isFinal": true}                  and the connection is closed
server  {"message": …, "error": …, "code": …}             and the connection is closed
"""

from contextlib import aclosing

from fastapi import APIRouter
from starlette.websockets import WebSocket

from proxy.json_body import validated
from proxy.live.connection import LiveConnection, live_connection
from proxy.live.speech import LiveSpeech
from proxy.routers.live.elevenlabs.messages import ClientMessage, Query, ServerMessage, error_message
from proxy.routers.live.elevenlabs.outputs import options_of, outputs
from proxy.routers.live.elevenlabs.text import WrittenText
from proxy.services import AppServices

router = APIRouter()


@router.websocket("/text-to-speech/{voice}/stream-input")
async def stream_input(websocket: WebSocket, voice: str, services: AppServices) -> None:
    """Speak one text. Every voice and every model stand for the server's own."""
    async with live_connection(websocket, services, error_message) as connection:
        query = validated(Query, websocket.query_params)
        options_of(query, voice, None, services)  # a mistake in it is told at once
        connection.limit_idle(query.inactivity_timeout)
        text: WrittenText | None = None
        async for received in connection.messages():
            message = validated(ClientMessage, received)
            if text is None:
                speech = connection.speech(options_of(query, voice, message.voice_settings, services))
                text = WrittenText(speech, query)
                connection.start(_speak(connection, speech, text, query))
            text.write(message)
            if message.text == "":
                text.end()


async def _speak(connection: LiveConnection, speech: LiveSpeech, text: WrittenText, query: Query) -> None:
    async with aclosing(outputs(speech, query)) as messages:
        async for message in messages:
            await connection.send(message)
    text.require_speech()
    await connection.send(ServerMessage(is_final=True))
    connection.complete()
