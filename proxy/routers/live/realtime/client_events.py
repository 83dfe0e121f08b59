"""The events that clients send, as far as they are understood."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from proxy.api_types import VoiceName
from proxy.errors import InvalidValue

NO_EARS = "This server speaks; it hears and sees nothing. Send text, as a message with content of the type input_text."
NO_TOOLS = "This server reads texts aloud; it calls no tools."


def _text_only(kind: object) -> object:
    if kind in ("input_audio", "input_image", "audio"):
        raise PydanticCustomError("no_ears", NO_EARS)
    return kind


def _no_tools(item: object) -> object:
    if isinstance(item, Mapping) and item.get("type") not in ("message", "item_reference"):
        raise PydanticCustomError("no_tools", NO_TOOLS)
    return item


def _empty(tools: list[Any]) -> list[Any]:
    if tools:
        raise PydanticCustomError("no_tools", NO_TOOLS)
    return tools


def _with_audio(modalities: list[str]) -> list[str]:
    if "audio" not in modalities:
        raise PydanticCustomError("no_audio", 'This server answers with speech: ask for ["audio"]')
    return modalities


def _realtime(kind: object) -> object:
    if kind != "realtime":
        raise PydanticCustomError("no_ears", NO_EARS)
    return kind


class _Fields(BaseModel):
    """Null counts as absent, and unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Part(_Fields):
    """A part of a message."""

    type: Annotated[Literal["input_text", "output_text"], BeforeValidator(_text_only)] = "input_text"
    text: str


class Message(_Fields):
    """A message; with the status `in_progress` it is a part of a text whose next part is the next message."""

    type: Literal["message"]
    role: Literal["user", "assistant", "system"]
    content: list[Part]
    id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    status: Literal["completed", "incomplete", "in_progress"] | None = None


class Reference(_Fields):
    """A message of the conversation."""

    type: Literal["item_reference"]
    id: str


_InputItem = Annotated[Message | Reference, Field(discriminator="type"), BeforeValidator(_no_tools)]


class OutputFormat(_Fields):
    """An audio format without a header."""

    type: Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
    rate: Literal[24000] | None = None


class OutputSettings(_Fields):
    """How speech sounds, as far as it is to change."""

    format: OutputFormat | None = None
    voice: VoiceName | None = None
    speed: float | None = None


class AudioSettings(_Fields):
    """Settings of the audio; those of `input` concern ears."""

    output: OutputSettings = OutputSettings()


class SpeechSettings(_Fields):
    """What a session and a response have in common."""

    model: str | None = None
    instructions: str | None = None
    audio: AudioSettings | None = None
    output_modalities: Annotated[list[str], AfterValidator(_with_audio)] | None = None
    tools: Annotated[list[Any], AfterValidator(_empty)] | None = None


class SessionSettings(SpeechSettings):
    """The settings of a session, as far as they are to change."""

    type: Annotated[Literal["realtime"], BeforeValidator(_realtime)] = "realtime"


class ResponseSettings(SpeechSettings):
    """What is to be spoken in one response, and how."""

    conversation: Literal["auto", "none"] | None = None
    input: list[_InputItem] | None = None
    metadata: dict[str, str] | None = None


class _Event(_Fields):
    """Any event."""

    type: str


class SessionUpdate(_Event):
    """`session.update`."""

    session: SessionSettings


class ItemCreate(_Event):
    """`conversation.item.create`."""

    item: Annotated[Message, BeforeValidator(_no_tools)]
    previous_item_id: str | None = None


class ItemDelete(_Event):
    """`conversation.item.delete`."""

    item_id: str


class ItemRetrieve(_Event):
    """`conversation.item.retrieve`."""

    item_id: str


class ItemTruncate(_Event):
    """`conversation.item.truncate`."""

    item_id: str
    content_index: Literal[0] = 0
    audio_end_ms: Annotated[int, Field(ge=0)]


class ResponseCreate(_Event):
    """`response.create`."""

    response: ResponseSettings | None = None


class ResponseCancel(_Event):
    """`response.cancel`."""

    response_id: str | None = None


ClientEvent = SessionUpdate | ItemCreate | ItemDelete | ItemRetrieve | ItemTruncate | ResponseCreate | ResponseCancel

_KINDS: Mapping[str, type[ClientEvent]] = {
    "session.update": SessionUpdate,
    "conversation.item.create": ItemCreate,
    "conversation.item.delete": ItemDelete,
    "conversation.item.retrieve": ItemRetrieve,
    "conversation.item.truncate": ItemTruncate,
    "response.create": ResponseCreate,
    "response.cancel": ResponseCancel,
}


def client_event(message: Mapping[str, Any]) -> ClientEvent:
    """Return the event in a message. Raises `InvalidValue`."""
    kind = message.get("type")
    if isinstance(kind, str) and kind.startswith("input_audio_buffer."):
        raise InvalidValue("type", NO_EARS)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidValue("type", f"there is no event {kind!r} here. Send one of: {', '.join(_KINDS)}.")
    try:
        return _KINDS[kind].model_validate(message)
    except ValidationError as error:
        problem = error.errors()[0]
        raise InvalidValue(".".join(map(str, problem["loc"])), f"{problem['msg'].rstrip('.')}.") from error
