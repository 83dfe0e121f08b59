"""The messages of ElevenLabs' WebSockets, and the body of its requests over HTTP.

Unknown fields are ignored, and so are those that only ElevenLabs' own voices and models can heed: `stability`,
`generation_config`, `try_trigger_generation`, `pronunciation_dictionary_locators` and others.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from proxy.errors import ApiError
from proxy.routers.live.elevenlabs.alignment import Alignment

Normalization = Literal["auto", "on", "off"]


def _english(code: str | None) -> str | None:
    if code and code.lower().split("-")[0] != "en":
        raise PydanticCustomError("language", "Only English is spoken: send `en`, or nothing")
    return code


Language = Annotated[str | None, AfterValidator(_english)]


class Received(BaseModel):
    """Something that a client has sent."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class VoiceSettings(Received):
    """How to speak."""

    speed: Annotated[FiniteFloat, Field(ge=0.25, le=4.0)] | None = None


class Query(Received):
    """The parameters of a WebSocket's URL."""

    output_format: str | None = None
    inactivity_timeout: Annotated[FiniteFloat, Field(gt=0)] | None = Field(None, description="In seconds.")
    auto_mode: bool = Field(False, description="Each message is a sentence or a phrase, to be spoken at once.")
    sync_alignment: bool = Field(False, description="Alignments count from the beginning of the text.")
    apply_text_normalization: Normalization = "auto"
    language_code: Language = None
    seed: int | None = None


class ClientMessage(Received):
    """One message of a client, with one or more of its fields; the contexts are those of `multi-stream-input`."""

    text: str | None = None
    flush: bool | None = None
    voice_settings: VoiceSettings | None = None
    context_id: str | None = None
    close_context: bool | None = None
    close_socket: bool | None = None


class TextToSpeech(Received):
    """The body of a request over HTTP."""

    text: str
    voice_settings: VoiceSettings | None = None
    apply_text_normalization: Normalization | None = None
    language_code: Language = None
    seed: int | None = None


class ServerMessage(BaseModel):
    """Audio in base64, perhaps none, with the times of what is said in it; or that a text `is_final`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)

    audio: str | None = None
    is_final: bool | None = None
    alignment: Alignment | None = None
    normalized_alignment: Alignment | None = None
    context_id: str | None = None


def error_message(error: ApiError) -> dict[str, Any]:
    """The message that tells a client of an error."""
    return {"message": str(error), "error": error.code or error.type, "code": error.status}
