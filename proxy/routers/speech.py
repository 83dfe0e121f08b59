"""`POST /audio/speech`."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from proxy.api_types import ErrorBody, SpeechRequest, TimedSpeech
from proxy.audio.formats import AUDIO_FORMATS, AudioFormat
from proxy.audio.silence import USUAL_TRIM
from proxy.description import schema_of
from proxy.errors import InputTooLong, InvalidValue
from proxy.json_body import read_json
from proxy.responses.audio import AudioResponse
from proxy.responses.base import CHECKPOINT_HEADER, ClipResponse
from proxy.responses.clip import Clip
from proxy.responses.event_types import event_stream_schema
from proxy.responses.events import EventResponse, TimedEventResponse
from proxy.responses.slow_reader_timeout import SlowReaderTimeout
from proxy.responses.timed import TimedResponse
from proxy.services import AppServices, Services
from proxy.synthesis.interface import SynthesisParameters
from proxy.synthesis.trimmed import trimmed

EXAMPLE = {"model": "soprano", "input": "Hello from Soprano.", "voice": "soprano"}
REQUEST_BODY = {
    "required": True,
    "content": {"application/json": {"schema": schema_of(TypeAdapter(SpeechRequest)), "example": EXAMPLE}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The audio: as a stream, as events, or with timestamps as one JSON object.",
        "headers": {
            CHECKPOINT_HEADER: {
                "description": "The weights in use: a release of Soprano, `builtin` or `synthetic`.",
                "schema": {"type": "string"},
            }
        },
        "content": {
            **{
                content_type: {"schema": {"type": "string", "format": "binary"}}
                for each in AUDIO_FORMATS.values()
                for content_type in each.content_types
            },
            "text/event-stream": {"schema": event_stream_schema()},
            "application/json": {"schema": schema_of(TypeAdapter(TimedSpeech))},
        },
    },
    **{status: {"model": ErrorBody} for status in (400, 404, 408, 413, 415, 429, 503, 504)},
}

_PLAIN = {"auto": None, "on": False, "off": True}

router = APIRouter(tags=["speech"])


@router.post(
    "/audio/speech",
    response_class=Response,
    responses=RESPONSES,
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def create_speech(request: Request, services: AppServices) -> ClipResponse:
    """Speak a text."""
    # The route reads the body itself because wrong types and sizes of the body have errors of their own.
    settings = services.settings
    speech = await read_json(request, SpeechRequest, settings.max_body_bytes, settings.request_deadline)
    record = request.state.record
    record.voice = speech.voice
    check(speech, services)
    if speech.timestamps and speech.stream and speech.stream_format == "audio":
        raise InvalidValue("timestamps", "needs `stream_format: sse`, or `stream: false` for a JSON answer.")
    return clip_response(request, speech, audio_format_of(speech, services), services)


def clip_response(
    request: Request, speech: SpeechRequest, audio_format: AudioFormat, services: Services
) -> ClipResponse:
    """The response that speaks what was checked, encoded as `audio_format`."""
    record = request.state.record
    record.format, record.characters = speech.response_format, len(speech.input)
    parameters = parameters_of(speech, record.request_id)

    def make_clip() -> Clip:
        chunks = services.synthesizer.synthesize(parameters)
        return Clip(
            trimmed(chunks) if speech.trim_silence else chunks,
            audio_format,
            text=speech.input,
            speed=speech.speed,
            whole=not speech.stream,
        )

    return _response(speech, make_clip, services)


def check(speech: SpeechRequest, services: Services) -> None:
    """Raise the errors that `SpeechRequest` cannot find by itself."""
    limit = services.settings.max_input_characters
    if len(speech.input) > limit:
        raise InputTooLong(len(speech.input), limit)
    services.catalog.require_model(speech.model)
    services.catalog.require_voice(speech.voice)


def audio_format_of(speech: SpeechRequest, services: Services) -> AudioFormat:
    """The format that a request asks for."""
    audio_format = AUDIO_FORMATS[speech.response_format]
    if speech.response_format == "opus":
        audio_format = audio_format.with_content_type(services.settings.opus_content_type)
    return audio_format if speech.sample_rate is None else audio_format.with_rate(speech.sample_rate)


def _response(speech: SpeechRequest, make_clip: Callable[[], Clip], services: Services) -> ClipResponse:
    settings = services.settings
    slow_reader_timeout = SlowReaderTimeout(settings.reader_deadline, settings.reader_pace)
    parts = (make_clip, services.admission, services.buffer_budget, slow_reader_timeout, settings.clip_deadline)
    if speech.stream_format == "sse":
        return TimedEventResponse(*parts) if speech.timestamps else EventResponse(*parts)
    return TimedResponse(*parts) if speech.timestamps else AudioResponse(*parts)


def parameters_of(speech: SpeechRequest, request_id: str) -> SynthesisParameters:
    """What a request asks of the engine."""
    # What is trimmed is not played, so the engine must be ahead by as much.
    delay = AUDIO_FORMATS[speech.response_format].encoder_delay + (USUAL_TRIM if speech.trim_silence else 0.0)
    return SynthesisParameters(
        text=speech.input,
        temperature=speech.temperature,
        top_p=speech.top_p,
        top_k=speech.top_k,
        repetition_penalty=speech.repetition_penalty,
        retries=speech.retries,
        seed=speech.seed,
        encoder_delay=delay or None,
        plain=_PLAIN[speech.apply_text_normalization],
        lexicon=speech.lexicon or None,
        request_id=request_id,
    )
