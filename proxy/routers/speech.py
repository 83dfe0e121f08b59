"""`POST /audio/speech`."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from proxy.api_types import ErrorBody, SpeechRequest
from proxy.audio_format import AUDIO_FORMATS, AudioFormat
from proxy.errors import InputTooLong, InvalidValue
from proxy.json_body import read_json
from proxy.services import AppServices
from proxy.speech_response import SpeechResponse
from proxy.synthesis import SynthesisParameters

REQUEST_BODY = {
    "required": True,
    "content": {"application/json": {"schema": SpeechRequest.model_json_schema()}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The audio, in chunks as it is made.",
        "content": {
            audio_format.content_type: {"schema": {"type": "string", "format": "binary"}}
            for audio_format in AUDIO_FORMATS.values()
        },
    },
    **{status: {"model": ErrorBody} for status in (400, 404, 413, 415, 429, 500, 503, 504)},
}

router = APIRouter(tags=["speech"])


@router.post(
    "/audio/speech",
    response_class=Response,
    responses=RESPONSES,
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def create_speech(request: Request, services: AppServices) -> SpeechResponse:
    """Speak a text."""
    # The route reads the body itself: the type and the size of the body have errors of their own.
    speech = await read_json(request, SpeechRequest, services.settings.max_body_bytes)
    limit = services.settings.max_input_characters
    if len(speech.input) > limit:
        raise InputTooLong(len(speech.input), limit)
    services.catalog.require_model(speech.model)
    services.catalog.require_voice(speech.voice)
    audio_format = AUDIO_FORMATS[speech.response_format]
    _require_supported(speech, audio_format)
    parameters = _parameters(speech, request.state.request_id)
    return SpeechResponse(services.synthesizer, parameters, audio_format, stream=speech.stream)


def _require_supported(speech: SpeechRequest, audio_format: AudioFormat) -> None:
    if speech.speed != 1.0:
        raise InvalidValue("speed", "only 1.0 is supported.")
    if speech.stream_format != "audio":
        raise InvalidValue("stream_format", "only 'audio' is supported.")
    if speech.sample_rate not in {None, audio_format.rate}:
        raise InvalidValue("sample_rate", f"only {audio_format.rate} is supported for {speech.response_format}.")


def _parameters(speech: SpeechRequest, request_id: str) -> SynthesisParameters:
    return SynthesisParameters(
        text=speech.input,
        temperature=speech.temperature,
        top_p=speech.top_p,
        top_k=speech.top_k,
        repetition_penalty=speech.repetition_penalty,
        retries=speech.retries,
        seed=speech.seed,
        request_id=request_id,
    )
