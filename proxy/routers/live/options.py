"""How a live clip is spoken, from the fields of a request."""

from dataclasses import replace
from typing import Annotated, Literal

from proxy.api_types import READ_BOOLEAN, SpeechRequest
from proxy.live.speech import LiveOptions
from proxy.routers.speech import audio_format_of, check, parameters_of
from proxy.services import Services
from text.options import ReadingOptions


class LiveRequest(SpeechRequest):
    """What is wanted of a clip whose text follows, in the words of `POST /audio/speech`."""

    input: Literal[""] = ""
    trim_silence: Annotated[bool, READ_BOOLEAN] = True


def live_options(speech: LiveRequest, services: Services, request_id: str = "") -> LiveOptions:
    """The options for a request. Raises the errors of `POST /audio/speech`."""
    check(speech, services)
    parameters = parameters_of(speech, request_id)
    return LiveOptions(
        voice=speech.voice,
        format_name=speech.response_format,
        audio_format=audio_format_of(speech, services),
        speed=speech.speed,
        trim_silence=speech.trim_silence,
        parameters=replace(parameters, plain=None, lexicon=None),
        reading=_reading(speech, services),
    )


def _reading(speech: SpeechRequest, services: Services) -> ReadingOptions:
    usual = services.reading
    plain = {"auto": usual.plain, "on": False, "off": True}[speech.apply_text_normalization]
    return ReadingOptions(plain, (*(speech.lexicon or {}).items(), *usual.lexicon))
