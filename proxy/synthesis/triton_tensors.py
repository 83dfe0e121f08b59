"""The interface of the Triton models: their input and output tensors, and the errors that they report."""

import json
import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from proxy.errors import (
    LONGEST_RETRY_AFTER,
    ApiError,
    DeadlineExceeded,
    EngineLost,
    InvalidValue,
    NothingHeard,
    QueueFull,
    RequestQuarantined,
    ServerError,
    ServiceUnavailable,
)
from proxy.synthesis.interface import (
    AudioChunk,
    SentenceEnd,
    SentenceFlag,
    SentenceStart,
    SynthesisParameters,
    Usage,
)

STREAM_MODEL = "soprano_stream"
WHOLE_MODEL = "soprano"

INPUTS: dict[str, tuple[str, type[np.generic]]] = {
    "text": ("BYTES", np.object_),
    "temperature": ("FP32", np.float32),
    "top_p": ("FP32", np.float32),
    "repetition_penalty": ("FP32", np.float32),
    "top_k": ("INT32", np.int32),
    "retries": ("INT32", np.int32),
    "seed": ("INT64", np.int64),
    "encoder_delay": ("FP32", np.float32),
    "plain": ("BOOL", np.bool_),
    "lexicon": ("BYTES", np.object_),
    "spoken": ("BOOL", np.bool_),
}
"""The name of each input tensor, with its Triton and its NumPy data type."""

_PARAMETERS = [name for name in INPUTS if name != "text"]

_NOT_SERVING = re.compile(r"unknown model|not ready|not found|is stopping|unavailable|unload", re.I)
"""Matches Triton's own messages about a model that it does not serve now."""

_RETRY_AFTER = re.compile(r"retry after (\d+) s")
"""Matches the end of a model's message about an engine that is starting again."""

_STUB_LOST = re.compile(r"not healthy", re.I)
"""Matches Triton's own message when the model's process died during the request, which may be the cause."""


class InferInput(Protocol):
    """An input tensor of tritonclient, which has one such class for each transport."""

    def set_data_from_numpy(self, input_tensor: NDArray[Any]) -> object:
        """Fill the tensor."""
        ...


T = TypeVar("T", bound=InferInput)


def input_tensors(parameters: SynthesisParameters, infer_input: Callable[[str, list[int], str], T]) -> list[T]:
    """The inputs of either model, each of shape [1, 1], batch dimension first; parameters that are None are omitted."""
    values = {"text": parameters.text.encode(), **{name: getattr(parameters, name) for name in _PARAMETERS}}
    if parameters.lexicon is not None:
        values["lexicon"] = json.dumps(dict(parameters.lexicon)).encode()
    tensors = []
    for name, value in values.items():
        if value is None:
            continue
        datatype, dtype = INPUTS[name]
        tensor = infer_input(name, [1, 1], datatype)
        tensor.set_data_from_numpy(np.array([[value]], dtype=dtype))
        tensors.append(tensor)
    return tensors


def audio_chunk(output: Callable[[str], NDArray[Any] | None]) -> AudioChunk:
    """The chunk in one response; `output` returns a tensor by name."""
    audio, rate, usage, entries = (_tensor(output, name) for name in ("audio", "sample_rate", "usage", "sentences"))
    listed: list[dict[str, Any]] = json.loads(entries.reshape(-1)[0])
    prompt_tokens, audio_tokens = usage.reshape(-1).tolist()
    checkpoint = output("checkpoint")  # older models do not send it
    return AudioChunk(
        samples=audio.reshape(-1).astype(np.int16, copy=False),
        rate=int(rate.reshape(-1)[0]),
        usage=Usage(prompt_tokens, audio_tokens),
        sentences=_starts(listed),
        checkpoint="" if checkpoint is None else checkpoint.reshape(-1)[0].decode(),
        flags=tuple(SentenceFlag(each["index"], each["flag"]) for each in listed if "flag" in each),
        ends=tuple(SentenceEnd(each["index"], each["end_sample"]) for each in listed if "end_sample" in each),
    )


def _starts(entries: list[dict[str, Any]]) -> tuple[SentenceStart, ...]:
    """The sentences that begin; entries of other kinds, which newer models may send, are ignored. Older ones send no
    `spoken`.
    """
    return tuple(
        SentenceStart(each["index"], each["sample"], each["start"], each["end"], each.get("spoken", ""))
        for each in entries
        if "sample" in each
    )


def _tensor(output: Callable[[str], NDArray[Any] | None], name: str) -> NDArray[Any]:
    tensor = output(name)
    if tensor is None:
        raise ServerError(f"Triton's response lacks {name}; does the model repository fit the proxy?")
    return tensor


def model_error(message: str) -> ApiError:
    """The API error for a message from a model or from Triton itself."""
    coded = _CODED.search(message)
    return _ERRORS[coded["code"]](coded["text"]) if coded else _triton_error(message)


def _triton_error(message: str) -> ApiError:
    """The API error for one of Triton's own messages."""
    if _STUB_LOST.search(message):
        return EngineLost(f"Triton lost the model's process: {message}")
    if _NOT_SERVING.search(message):
        return ServiceUnavailable(f"Triton does not serve the model now: {message}")
    return ServerError(f"Triton failed: {message}")


def _invalid_parameter(text: str) -> InvalidValue:
    return InvalidValue(next((name for name in _PARAMETERS if text.startswith(name)), None), text)


def _engine_lost(text: str) -> EngineLost:
    error = EngineLost(f"The speech engine is not there: {text}")
    if after := _RETRY_AFTER.search(text):
        error.retry_after = min(int(after[1]), LONGEST_RETRY_AFTER)
    return error


_ERRORS: dict[str, Callable[[str], ApiError]] = {
    "invalid_text": lambda text: InvalidValue("input", text),
    "invalid_parameter": _invalid_parameter,
    "no_audio": NothingHeard,
    "overloaded": lambda text: QueueFull(f"The speech engine is full: {text}"),
    "timeout": lambda text: DeadlineExceeded(f"The speech engine was too slow: {text}"),
    "cancelled": lambda text: ServiceUnavailable(f"The speech engine gave the request up: {text}"),
    "unavailable": _engine_lost,
    "quarantined": lambda text: RequestQuarantined(f"The speech engine refuses the request: {text}"),
    "internal": lambda text: ServerError(f"The speech engine failed: {text}"),
}
"""The API error for each code of the models."""

_CODED = re.compile(rf"\b(?P<code>{'|'.join(_ERRORS)}): (?P<text>.*)", re.S)
"""Matches a model's error: a code, then a sentence. Triton may add words of its own in front."""
