"""The events of `stream_format: sse`: OpenAI's, and our own for the time of a sentence."""

from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from proxy.api_types import ErrorDetail, SentenceWarning, SpeechUsage, TimedSentence
from proxy.description import schema_of


class AudioDelta(BaseModel):
    """The next part of the file, in base64."""

    type: Literal["speech.audio.delta"] = "speech.audio.delta"
    audio: str


class AudioSentence(TimedSentence):
    """A sentence whose audio has been sent completely; only with `timestamps`."""

    type: Literal["speech.audio.sentence"] = "speech.audio.sentence"


class AudioDone(BaseModel):
    """The file is complete."""

    type: Literal["speech.audio.done"] = "speech.audio.done"
    usage: SpeechUsage
    warnings: list[SentenceWarning] | None = Field(None, description="Present only if something went wrong.")


class AudioError(BaseModel):
    """The file ends here, incomplete."""

    type: Literal["speech.audio.error"] = "speech.audio.error"
    error: ErrorDetail


Event = AudioDelta | AudioSentence | AudioDone | AudioError


def event_stream_schema() -> dict[str, Any]:
    """The JSON schema of one server-sent event; its `data` is one of the events above as JSON."""
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema_of(TypeAdapter(Event))}
    return {"type": "object", "properties": {"data": data}, "required": ["data"]}
