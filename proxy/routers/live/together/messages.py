"""The parameters and messages of Together's protocol.

Unknown fields are ignored, and so are `language` and `max_partial_length`: each sentence is spoken when it is complete.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from proxy.api_types import TimedSentence
from proxy.audio.formats import FormatName
from proxy.errors import ApiError
from proxy.json_body import validated

_OUR_NAMES: dict[str, FormatName] = {"raw": "pcm", "mulaw": "pcmu", "alaw": "pcma"}


def _with_slash(entry: str) -> str:
    if not all(entry.partition("/")):
        raise PydanticCustomError("pronunciation", "Write each entry as `word/what is read in its place`")
    return entry


class _Received(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ExtraParameters(_Received):
    """What is wanted beyond the usual parameters."""

    pronunciation_dict: list[Annotated[str, AfterValidator(_with_slash)]] = []


class SessionParameters(_Received):
    """How a session speaks; from the query, and from later updates."""

    model: str = "soprano"
    voice: str = "soprano"
    response_format: Literal[FormatName, "raw", "mulaw", "alaw"] = "pcm"
    response_encoding: Literal["pcm_s16le"] = "pcm_s16le"
    sample_rate: int | None = None
    speed: float = 1.0
    alignment: Literal["none", "word"] = "none"
    segment: Literal["sentence", "immediate", "never"] = Field(
        "sentence", description="Immediate: every append is spoken at once. Never is the same as sentence."
    )
    extra_params: ExtraParameters = ExtraParameters()

    @property
    def format_name(self) -> str:
        """The audio format by our name for it."""
        return _OUR_NAMES.get(self.response_format, self.response_format)

    @property
    def lexicon(self) -> dict[str, str]:
        """Words, and what is read in their place."""
        entries = (entry.partition("/") for entry in self.extra_params.pronunciation_dict)
        return {word: respelling for word, _, respelling in entries}

    def updated(self, changes: dict[str, Any]) -> "SessionParameters":
        """The parameters with some changed. Raises `InvalidValue`."""
        given = {name: value for name, value in changes.items() if value is not None}
        return validated(SessionParameters, {**self.model_dump(), **given})


class ClientMessage(_Received):
    """One message of a client."""

    type: Literal[
        "input_text_buffer.append",
        "input_text_buffer.commit",
        "input_text_buffer.clear",
        "tts_session.updated",
        "context.cancel",
    ]
    text: str = ""
    context_id: str | None = None
    session: dict[str, Any] = {}


def failure(error: ApiError) -> dict[str, Any]:
    """The message that tells a client of an error."""
    return {"type": "conversation.item.tts.failed", **error.body()}


def word_timestamps(sentence: TimedSentence) -> dict[str, Any]:
    """The message with the times of a sentence's words.

    Its beginning and its end are exact. Its words are spread over its time by their lengths, each with the space that
    follows.
    """
    words = sentence.text.split()
    characters = sum(len(word) + 1 for word in words)
    edges, position = [sentence.start], 0
    for word in words:
        position += len(word) + 1
        edges.append(sentence.start + (sentence.end - sentence.start) * position / characters)
    return {
        "type": "conversation.item.word_timestamps",
        "words": words,
        "start_seconds": edges[:-1],
        "end_seconds": edges[1:],
    }
