"""`/audio/speech/ws`: one clip a connection, in the protocol `nari.speech.v1`.

Its events, in the order in which a client meets them:

    server  session.created     {protocol, audio}
    client  request.start       {model, voice, response_format, …: the fields of `POST /audio/speech` without `input`}
    server  request.configured  {request_id, audio}
    client  input_text.append   {sequence, text}, input_text.flush, input_text.clear, input_text.end: each {sequence}
    server  input_text.ack      {event, sequence}
    server  response.started    {request_id, audio}, then the audio in binary messages
    server  response.sentence   as `speech.audio.sentence`, if the request has `timestamps`
    server  response.done       {request_id, stop_reason, audio_chunks, usage, duration, characters}, and the
                                connection is closed
    client  request.cancel      at any time
    server  error               {error}, and the connection is closed

`flush` and `clear`, `sentence`, and formats other than pcm are ours; a client that does not ask for them gets none.
A client that lost its connection goes on in another one: its request has the field `previous_text`, with what was
spoken already. `characters` tells how much text was taken: less than was sent if the server had to stop.
"""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.websockets import WebSocket

from proxy.api_types import SpeechUsage
from proxy.audio.formats import AudioFormat
from proxy.errors import ApiError, InvalidValue, QueueFull, UpgradeRequired
from proxy.json_body import validated
from proxy.live.connection import LiveConnection, live_connection
from proxy.live.speech import LiveOptions, LiveSpeech
from proxy.routers.live.options import LiveRequest, live_options
from proxy.services import AppServices
from text.growing_text import CONTEXT

PROTOCOL = "nari.speech.v1"

MOST_UNACKNOWLEDGED = 100_000
"""Messages that a client may send without waiting for their acknowledgement."""

_NOTHING_HEARD = "the model made no sound for this text; try another seed."

router = APIRouter()


class RequestStart(LiveRequest):
    """What is wanted of the clip whose text follows."""

    type: Literal["request.start"]
    previous_text: Annotated[str, Field(max_length=CONTEXT)] = ""


class InputText(BaseModel):
    """A piece of the text, or what is to be done with what was sent; `sequence` counts these messages from 0."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    type: Literal["input_text.append", "input_text.flush", "input_text.clear", "input_text.end"]
    sequence: Annotated[int, Field(ge=0)] | None = None
    text: str = ""


class RequestCancel(BaseModel):
    """The end of interest in the clip."""

    type: Literal["request.cancel"]


ClientMessage = RequestStart | InputText | RequestCancel

_KINDS: dict[object, type[ClientMessage]] = {
    "request.start": RequestStart,
    "request.cancel": RequestCancel,
    **dict.fromkeys(("input_text.append", "input_text.flush", "input_text.clear", "input_text.end"), InputText),
}


@router.websocket("/audio/speech/ws")
async def speech_socket(websocket: WebSocket, services: AppServices) -> None:
    """Speak one text that is still being written."""
    subprotocol = PROTOCOL if PROTOCOL in websocket.scope["subprotocols"] else None
    async with live_connection(websocket, services, _error, subprotocol=subprotocol) as connection:
        await _Dialect(connection).run()


@router.get("/audio/speech/ws", include_in_schema=False)
async def refusal(request: Request, services: AppServices) -> None:
    """Tell why the WebSocket is refused, since browsers do not let a page see the answer to its handshake."""
    with services.admission.permit(request.state.api_key):
        services.buffer_budget.require_room()
        raise UpgradeRequired("Connect to this address with a WebSocket; it would be opened now.")


def _error(error: ApiError) -> dict[str, Any]:
    return {"type": "error", **error.body()}


class _Dialect:
    """Translates between one client's messages and its clip."""

    def __init__(self, connection: LiveConnection) -> None:
        self._connection = connection
        self._speech: LiveSpeech | None = None
        self._expected = 0  # the next sequence number
        self._taken: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # acknowledgements

    async def run(self) -> None:
        """Serve the client until its clip is complete."""
        await self._connection.send({"type": "session.created", "protocol": PROTOCOL, "audio": _audio(LiveOptions())})
        async for received in self._connection.messages():
            message = _validated(received)
            match message:
                case RequestStart():
                    await self._begin(message)
                case InputText():
                    self._write(message)
                case RequestCancel():
                    self._connection.complete()

    async def _begin(self, start: RequestStart) -> None:
        if self._speech is not None:
            raise InvalidValue("type", "the request has been started; open another connection for another one.")
        options = replace(live_options(start, self._connection.services), previous_text=start.previous_text)
        self._speech = self._connection.speech(options)
        request_id = self._speech.record.request_id
        await self._connection.send({"type": "request.configured", "request_id": request_id, "audio": _audio(options)})
        self._connection.start(self._acknowledge(self._speech), endless=True)
        self._connection.start(self._speak(self._speech, start))

    def _write(self, message: InputText) -> None:
        if self._speech is None:
            raise InvalidValue("type", f"send request.start before {message.type}.")
        if message.sequence not in (None, self._expected):
            raise InvalidValue("sequence", f"{self._expected} was expected, not {message.sequence}.")
        match message.type:
            case "input_text.append":
                self._speech.append(message.text)
            case "input_text.flush":
                self._speech.flush()
            case "input_text.clear":
                self._speech.clear()
            case "input_text.end":
                self._speech.end()
        if self._taken.qsize() >= MOST_UNACKNOWLEDGED:
            raise QueueFull(f"{MOST_UNACKNOWLEDGED} messages are not acknowledged yet; wait for input_text.ack.")
        self._taken.put_nowait({"type": "input_text.ack", "event": message.type, "sequence": self._expected})
        self._expected += 1

    async def _acknowledge(self, speech: LiveSpeech) -> None:
        """Acknowledge what the client sends, later if much is waiting. Meanwhile it may still cancel or clear."""
        while True:
            acknowledgement = await self._taken.get()
            await speech.room()
            await self._connection.send(acknowledgement)

    async def _speak(self, speech: LiveSpeech, start: RequestStart) -> None:
        connection, request_id, sent = self._connection, speech.record.request_id, 0
        async with aclosing(speech.pieces()) as pieces:
            async for piece in pieces:
                if piece.data and not sent:
                    await connection.send(
                        {"type": "response.started", "request_id": request_id, "audio": _audio(speech.options)}
                    )
                if piece.data:
                    await connection.send_audio(piece.data)
                    sent += 1
                for sentence in piece.sentences if start.timestamps else ():
                    await connection.send({"type": "response.sentence", **sentence.model_dump()})
        if not sent and not start.previous_text and not connection.was_cut:
            raise InvalidValue("input", _NOTHING_HEARD if speech.warnings else "nothing in the text can be spoken.")
        await connection.send(
            {
                "type": "response.done",
                "request_id": request_id,
                "stop_reason": "stop",
                "audio_chunks": sent,
                "duration": speech.seconds,
                "characters": speech.characters,
                "usage": SpeechUsage.of(speech.usage).model_dump(),
                "warnings": [warning.model_dump() for warning in speech.warnings],
            }
        )
        connection.complete()


def _validated(message: dict[str, Any]) -> ClientMessage:
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidValue("type", f"there is no message {kind!r}. Send one of: {', '.join(map(str, _KINDS))}.")
    return validated(_KINDS[kind], message)


def _audio(options: LiveOptions) -> dict[str, Any]:
    """The description of the audio. For samples it has exactly the keys that the protocol's own clients compare."""
    audio_format: AudioFormat = options.audio_format
    encoding = audio_format.codec if options.format_name == "pcm" else options.format_name
    return {"encoding": encoding, "sample_rate": audio_format.rate, "channels": 1}
