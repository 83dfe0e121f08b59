"""How a live clip is spoken, from the fields of a request."""

from dataclasses import replace
from typing import Annotated, Literal

from proxy.api_types import READ_BOOLEAN, SpeechRequest
from proxy.live.speech import LiveOptions
from proxy.routers.speech import audio_format_of, check, parameters_of
from proxy.services import Services
from proxy.synthesis.interface import SynthesisParameters
from text.options import ReadingOptions


class LiveRequest(SpeechRequest):
    """What is wanted of a clip whose text follows, in the words of `POST /audio/speech`."""

    input: Literal[""] = ""
    trim_silence: Annotated[bool, READ_BOOLEAN] = True


def live_options(speech: LiveRequest, services: Services) -> LiveOptions:
    """The options for a request. Raises the errors of `POST /audio/speech`."""
    check(speech, services)
    parameters = parameters_of(speech, request_id="")
    return LiveOptions(
        voice=speech.voice,
        format_name=speech.response_format,
        audio_format=audio_format_of(speech, services),
        speed=speech.speed,
        trim_silence=speech.trim_silence,
        parameters=replace(parameters, plain=None, lexicon=None),
        reading=_reading(parameters, services.reading),
    )


def _reading(parameters: SynthesisParameters, usual: ReadingOptions) -> ReadingOptions:
    plain = usual.plain if parameters.plain is None else parameters.plain
    return ReadingOptions(plain, (*(parameters.lexicon or {}).items(), *usual.lexicon))
