"""Between Triton's tensors and the engine's types."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from engine.errors import InvalidParameter, InvalidText
from engine.request import SamplingParameters, SpeechRequest
from engine.speech import SAMPLE_RATE, Chunk, pcm16

_PARAMETERS: dict[str, Callable[[Any], float | int]] = {
    "temperature": float,
    "top_p": float,
    "repetition_penalty": float,
    "top_k": int,
    "retries": int,
    "seed": int,
}


def parse_request(request: Any) -> SpeechRequest:
    """Copy what a request asks for out of its tensors; raises `InvalidText` or `InvalidParameter`."""
    values = {name: _one(request, name) for name in _PARAMETERS}
    given = {name: _PARAMETERS[name](value) for name, value in values.items() if value is not None}
    return SpeechRequest(
        text=_text(request),
        sampling=SamplingParameters(**given),  # type: ignore[arg-type]  # each has its own type
        whole=bool(_one(request, "whole")),
        held_back=float(_one(request, "held_back") or 0.0),
    )


def chunk_tensors(chunk: Chunk, checkpoint: str, wanted: set[str]) -> list[Any]:
    """Return the output tensors of a chunk that `checkpoint` has spoken, only those in `wanted`."""
    values: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
        "audio": lambda: pcm16(chunk.samples)[None],
        "sample_rate": lambda: np.array([[SAMPLE_RATE]], dtype=np.int32),
        "usage": lambda: np.array([[chunk.prompt_tokens, chunk.audio_tokens]], dtype=np.int32),
        "sentences": lambda: np.array([[_sentences(chunk)]], dtype=np.object_),
        "checkpoint": lambda: np.array([[checkpoint.encode()]], dtype=np.object_),
    }
    return [pb_utils.Tensor(name, value()) for name, value in values.items() if name in wanted]


def _one(request: Any, name: str) -> Any | None:
    """Return the one element of an input, or None if it was not sent."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    if tensor is None:
        return None
    values = tensor.as_numpy()
    if values.size != 1:
        shape = list(values.shape)
        raise InvalidParameter(f"{name} must be one value of shape [1, 1], not {shape}; send one request a text")
    return values.reshape(-1)[0]


def _text(request: Any) -> str:
    raw = _one(request, "text")
    if not isinstance(raw, bytes):
        raise InvalidText("the text is missing")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidText(f"the text is not UTF-8: {error.reason} at byte {error.start}") from error


def _sentences(chunk: Chunk) -> bytes:
    """The sentences that begin in a chunk, then those that went wrong."""
    starts = [
        {"index": each.index, "sample": each.sample, "start": each.start, "end": each.end} for each in chunk.sentences
    ]
    flags = [{"index": each.index, "flag": each.flag.value} for each in chunk.flags]
    return json.dumps(starts + flags).encode()
