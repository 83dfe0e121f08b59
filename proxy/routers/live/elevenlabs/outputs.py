"""What ElevenLabs' clients hear: a live text in its messages."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from proxy.json_body import validated
from proxy.live.speech import LiveOptions, LiveSpeech
from proxy.responses.clip import Piece
from proxy.routers.live.elevenlabs.alignment import AlignmentClock
from proxy.routers.live.elevenlabs.messages import Query, ServerMessage, VoiceSettings
from proxy.routers.live.elevenlabs.output_format import output_format
from proxy.routers.live.options import LiveRequest, live_options
from proxy.services import Services


def options_of(query: Query, voice: str, settings: VoiceSettings | None, services: Services) -> LiveOptions:
    """How a text is spoken; any `voice` is the server's own. Raises `InvalidValue`."""
    wanted = output_format(query.output_format)
    fields = {
        "response_format": wanted.name,
        "speed": settings.speed if settings else None,
        "apply_text_normalization": query.apply_text_normalization,
        "seed": query.seed,
    }
    speech = validated(LiveRequest, fields)
    return replace(live_options(speech, services), voice=voice, audio_format=wanted.encoding)


async def outputs(speech: LiveSpeech, query: Query) -> AsyncGenerator[ServerMessage]:
    """Yield the messages that say a text, without the final one. Raises the `ApiError` that prevented the next one."""
    clock = AlignmentClock(continuous=query.sync_alignment)
    async with aclosing(speech.pieces()) as pieces:
        async for piece in pieces:
            for message in _messages(piece, clock):
                yield message


def _messages(piece: Piece, clock: AlignmentClock) -> list[ServerMessage]:
    """A piece of audio, and the sentences that end with it: a message has the alignment of one."""
    messages = []
    for sentence in piece.sentences:
        written, spoken = clock.align(sentence)
        messages.append(ServerMessage(alignment=written, normalized_alignment=spoken))
    if piece.data:
        messages = messages or [ServerMessage()]
        messages[0].audio = b64encode(piece.data).decode()
    return messages
