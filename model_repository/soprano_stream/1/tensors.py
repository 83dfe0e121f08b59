"""Conversion between Triton's tensors and the engine's types."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from engine.errors import InvalidParameter, InvalidText
from engine.request import SamplingParameters, SpeechRequest
from engine.speech import SAMPLE_RATE, Chunk, pcm16
from text.lexicon import Lexicon


def parse_request(request: Any) -> SpeechRequest:
    """Return the request in Triton's input tensors; raises `InvalidText` or `InvalidParameter`."""
    values = {field.name: _scalar(request, field.name) for field in fields(SamplingParameters)}
    given = {name: value for name, value in values.items() if value is not None}
    return SpeechRequest(
        text=_text(request),
        sampling=SamplingParameters(**given),
        whole=bool(_scalar(request, "whole")),
        encoder_delay=_scalar(request, "encoder_delay") or 0.0,
        plain=_scalar(request, "plain"),
        lexicon=_lexicon(request),
        spoken=bool(_scalar(request, "spoken")),
    )


def chunk_tensors(chunk: Chunk, checkpoint: str, requested: set[str]) -> list[Any]:
    """Return those output tensors of a chunk that are named in `requested`; `checkpoint` is the name to report."""
    values: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
        "audio": lambda: pcm16(chunk.samples)[None],
        "sample_rate": lambda: np.array([[SAMPLE_RATE]], dtype=np.int32),
        "usage": lambda: np.array([[chunk.prompt_tokens, chunk.audio_tokens]], dtype=np.int32),
        "sentences": lambda: np.array([[_sentences(chunk)]], dtype=np.object_),
        "checkpoint": lambda: np.array([[checkpoint.encode()]], dtype=np.object_),
    }
    return [pb_utils.Tensor(name, value()) for name, value in values.items() if name in requested]


def _scalar(request: Any, name: str) -> Any | None:
    """Return the single element of an input as a Python value, or None if the input was not sent."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    if tensor is None:
        return None
    values = tensor.as_numpy()
    if values.size != 1:
        shape = list(values.shape)
        raise InvalidParameter(f"{name} must be one value of shape [1, 1], not {shape}; send one request a text")
    return values.item()


def _text(request: Any) -> str:
    raw = _scalar(request, "text")
    if not isinstance(raw, bytes):
        raise InvalidText("the text is missing")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidText(f"the text is not UTF-8: {error.reason} at byte {error.start}") from error


def _lexicon(request: Any) -> Lexicon:
    """Return the entries that the input has; `SpeechRequest` checks each of them."""
    raw = _scalar(request, "lexicon")
    if raw is None:
        return ()
    try:
        entries = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidParameter(f"lexicon is not JSON: {error}") from error
    if not isinstance(entries, dict):
        raise InvalidParameter("lexicon must be a JSON object of words and what is read in their place")
    return tuple(entries.items())


def _sentences(chunk: Chunk) -> bytes:
    """Return, as JSON, the sentences that begin in a chunk, those that a pause follows, and those that failed."""
    starts = [asdict(each) for each in chunk.sentences]
    ends = [{"index": each.index, "end_sample": each.sample} for each in chunk.ends]
    flags = [{"index": each.index, "flag": each.flag.value} for each in chunk.flags]
    return json.dumps(starts + ends + flags).encode()
