"""ElevenLabs' routes over HTTP: a whole text in, a clip out."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from proxy.api_types import SpeechRequest
from proxy.errors import InvalidValue
from proxy.json_body import read_json, validated
from proxy.responses.base import ClipResponse
from proxy.routers.live.elevenlabs.messages import TextToSpeech
from proxy.routers.live.elevenlabs.output_format import DEFAULT, output_format
from proxy.routers.speech import RESPONSES, check, clip_response
from proxy.services import AppServices, Services

OutputFormatName = Annotated[str, Query(alias="output_format", description="As ElevenLabs names formats.")]

router = APIRouter(tags=["ElevenLabs"])


@router.post("/text-to-speech/{voice}", response_class=Response, responses=RESPONSES)
async def convert(
    request: Request, voice: str, services: AppServices, format_name: OutputFormatName = DEFAULT
) -> ClipResponse:
    """Speak a text, in one piece. Every voice and every model stand for the server's own."""
    request.state.record.voice = voice
    return await _speak(request, format_name, services, stream=False)


@router.post("/text-to-speech/{voice}/stream", response_class=Response, responses=RESPONSES)
async def stream(
    request: Request, voice: str, services: AppServices, format_name: OutputFormatName = DEFAULT
) -> ClipResponse:
    """Speak a text, while it is made. Every voice and every model stand for the server's own."""
    request.state.record.voice = voice
    return await _speak(request, format_name, services, stream=True)


async def _speak(request: Request, format_name: str, services: Services, *, stream: bool) -> ClipResponse:
    wanted = output_format(format_name)
    body = await read_json(request, TextToSpeech, services.settings.max_body_bytes, services.settings.request_deadline)
    if not body.text.strip():
        raise InvalidValue("text", "There must be something to say.")
    fields = {
        "input": body.text,
        "response_format": wanted.name,
        "speed": body.voice_settings.speed if body.voice_settings else None,
        "apply_text_normalization": body.apply_text_normalization,
        "seed": body.seed,
        "stream": stream,
    }
    speech = validated(SpeechRequest, fields)
    check(speech, services)
    return clip_response(request, speech, wanted.encoding, services)
