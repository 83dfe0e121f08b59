"""The bodies of requests and responses, as OpenAI's API defines them, with our extensions."""

from contextlib import suppress
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from proxy.audio.formats import FormatName
from proxy.lexicon import LexiconField
from proxy.synthesis.interface import SentenceFlag, Usage


def _speakable(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank_input", "There must be something to say")
    return text


def _voice_id(voice: object) -> object:
    """OpenAI's clients name a voice by a string or by an object with an `id`; others leave the name empty."""
    return _name(voice["id"] if isinstance(voice, dict) and "id" in voice else voice)


def _name(name: object) -> object:
    return DEFAULT_NAME if name == "" else name


def _number(value: object) -> object:
    """Clients that pass the values of a form or of the environment on send numbers as strings."""
    if isinstance(value, str):
        for kind in (int, float):
            with suppress(ValueError):
                return kind(value)
    return value


def _boolean(value: object) -> object:
    """The same clients send booleans as strings."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


DEFAULT_NAME = "soprano"
"""The model and the voice of a request that names none."""

# They come last in an annotation, so that they run first.
READ_NUMBER = BeforeValidator(_number)
READ_BOOLEAN = BeforeValidator(_boolean)


VoiceName = Annotated[
    str,
    BeforeValidator(_voice_id),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
            ]
        }
    ),
]
INT32_MAX = 2**31 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


class SpeechRequest(BaseModel):
    """The body of `POST /v1/audio/speech`.

    Null counts as absent, and so does the empty name of a model or a voice. Numbers and booleans may be strings.
    Unknown fields are ignored.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    input: Annotated[str, AfterValidator(_speakable)] = Field(description="The text to speak.")
    model: Annotated[str, BeforeValidator(_name)] = Field(
        DEFAULT_NAME, description="One of the names that `GET /v1/models` lists."
    )
    voice: VoiceName = Field(DEFAULT_NAME, description="Every name stands for the model's one speaker.")
    response_format: FormatName = "mp3"
    instructions: str | None = Field(None, description="Accepted for compatibility, without effect.")
    speed: Annotated[FiniteFloat, Field(ge=0.25, le=4.0), READ_NUMBER] = 1.0
    stream_format: Literal["audio", "sse"] = "audio"
    stream: Annotated[bool, READ_BOOLEAN] = Field(
        True, description="False: one body with Content-Length and exact headers."
    )
    timestamps: Annotated[bool, READ_BOOLEAN] = Field(
        False, description="Send the time of every sentence: as events with `sse`, as JSON with `stream: false`."
    )
    sample_rate: Annotated[int, Field(ge=8000, le=48000), READ_NUMBER] | None = Field(
        None, description="Hz; by default the format's own."
    )
    apply_text_normalization: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Off: the text is taken as it stands, without mark-up, tags or lexicon. Auto: the server decides.",
    )
    lexicon: LexiconField | None = Field(
        None,
        description="Words, and what is read in their place. A word in lower case stands for it in any case, "
        "another one for exactly what it says.",
    )
    trim_silence: Annotated[bool, READ_BOOLEAN] = Field(
        False, description="Leave out the silence before the first sound, up to half a second; pauses of the text stay."
    )
    seed: Annotated[int, Field(ge=INT64_MIN, le=INT64_MAX), READ_NUMBER] | None = None
    temperature: Annotated[FiniteFloat, Field(ge=0.0, le=2.0), READ_NUMBER] | None = None
    top_p: Annotated[FiniteFloat, Field(ge=0.0, le=1.0), READ_NUMBER] | None = None
    top_k: Annotated[int, Field(ge=0, le=INT32_MAX), READ_NUMBER] | None = None
    repetition_penalty: Annotated[FiniteFloat, Field(ge=0.1, le=10.0), READ_NUMBER] | None = None
    retries: Annotated[int, Field(ge=0, le=10), READ_NUMBER] | None = None

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, fields: object) -> object:
        if isinstance(fields, dict):
            return {name: value for name, value in fields.items() if value is not None}
        return fields


class SpeechUsage(BaseModel):
    """Tokens, in OpenAI's shape."""

    input_tokens: int
    output_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """The same counts as the engine reports them."""
        total = usage.prompt_tokens + usage.audio_tokens
        return cls(input_tokens=usage.prompt_tokens, output_tokens=usage.audio_tokens, total_tokens=total)


class TimedSentence(BaseModel):
    """A sentence of the original input, `input[text_start:text_end]` in code points, and its time in seconds."""

    index: int
    text: str
    spoken: str = Field(description="What the model reads for it: lower case, numbers and symbols in words.")
    text_start: int
    text_end: int
    start: float
    end: float


class SentenceWarning(BaseModel):
    """A sentence of the clip, counted from 0, that was not spoken completely."""

    sentence: int
    code: str = Field(description="`truncated`, or `silent`: left out, because the model made no sound for it.")
    message: str

    @classmethod
    def of(cls, flag: SentenceFlag) -> Self:
        """What the engine flagged."""
        explained = {
            "truncated": "the model did not finish it by itself, and the rest of it is not spoken",
            "silent": "the model made no sound for it, and it is left out",
        }
        what = explained.get(flag.flag, f"the engine reports {flag.flag}")
        return cls(sentence=flag.index, code=flag.flag, message=f"Sentence {flag.index + 1}: {what}.")


class TimedSpeech(BaseModel):
    """A clip and the times of its sentences; `audio` is the complete file in base64, `duration` is in seconds."""

    object: Literal["audio.speech"] = "audio.speech"
    audio: str
    content_type: str
    sample_rate: int
    duration: float
    sentences: list[TimedSentence]
    usage: SpeechUsage
    warnings: list[SentenceWarning] | None = Field(None, description="Present only if something went wrong.")


class Voice(BaseModel):
    """One voice."""

    id: str
    name: str


class VoiceList(BaseModel):
    """All voices, under both keys that clients look for."""

    object: Literal["list"] = "list"
    voices: list[Voice]
    data: list[Voice]


class VoiceNames(BaseModel):
    """All voices, in the form that older clients expect."""

    voices: list[str]


class ErrorDetail(BaseModel):
    """What went wrong, in OpenAI's shape."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


class Model(BaseModel):
    """One model, in OpenAI's shape."""

    id: str
    object: Literal["model"] = "model"
    # OpenAI's schema demands a time. It is a constant, so that responses can be cached and compared.
    created: int = 1764547200
    owned_by: str = "soprano"
    checkpoint: str | None = Field(
        None, description="The weights behind every model name; null until they have spoken once."
    )


class ModelList(BaseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[Model]


class AudioModelList(ModelList):
    """All models, also under the key that Open WebUI looks for."""

    models: list[Model]


class Liveness(BaseModel):
    """The process answers."""

    live: Literal[True] = True


class Readiness(Liveness):
    """The server can speak."""

    ready: Literal[True] = True
