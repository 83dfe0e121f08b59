"""The interface of the Triton models: tensors in, tensors out, and the errors that they report."""

import json
import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from proxy.errors import (
    ApiError,
    DeadlineExceeded,
    EngineLost,
    InvalidValue,
    QueueFull,
    RequestQuarantined,
    ServerError,
    ServiceUnavailable,
)
from proxy.synthesis.interface import AudioChunk, SentenceFlag, SentenceStart, SynthesisParameters, Usage

STREAM_MODEL = "soprano_stream"
WHOLE_MODEL = "soprano"

_INPUTS: dict[str, tuple[str, type[np.generic]]] = {
    "text": ("BYTES", np.object_),
    "temperature": ("FP32", np.float32),
    "top_p": ("FP32", np.float32),
    "repetition_penalty": ("FP32", np.float32),
    "top_k": ("INT32", np.int32),
    "retries": ("INT32", np.int32),
    "seed": ("INT64", np.int64),
    "encoder_delay": ("FP32", np.float32),
}
_PARAMETERS = [name for name in _INPUTS if name != "text"]

_CODED = re.compile(
    r"\b(?P<code>invalid_text|invalid_parameter|no_audio|overloaded|timeout|cancelled|unavailable|quarantined"
    r"|internal): (?P<text>.*)",
    re.S,
)
"""An error of the models: a stable code, then a sentence. Triton may put words of its own ahead."""

_NOT_SERVING = re.compile(r"unknown model|not ready|not found|is stopping|unavailable|unload", re.I)
"""What Triton itself says of a model that it does not serve now."""


_RETRY_AFTER = re.compile(r"retry after (\d+) s")
"""How the models end a sentence about an engine that will be back."""

_LONGEST_WAIT = 60
"""Seconds; the openai clients take no notice of a longer `Retry-After`."""

_STUB_LOST = re.compile(r"not healthy", re.I)
"""What Triton itself says where the model's process died with the request, which may be why."""


class InferInput(Protocol):
    """An input tensor of tritonclient's, which has one class of this shape for each transport."""

    def set_data_from_numpy(self, input_tensor: NDArray[Any]) -> object:
        """Fill the tensor."""
        ...


T = TypeVar("T", bound=InferInput)


def input_tensors(parameters: SynthesisParameters, infer_input: Callable[[str, list[int], str], T]) -> list[T]:
    """The inputs of either model, each [1, 1], the batch dimension first; parameters that are None are left out."""
    values = {"text": parameters.text.encode(), **{name: getattr(parameters, name) for name in _PARAMETERS}}
    tensors = []
    for name, value in values.items():
        if value is None:
            continue
        datatype, dtype = _INPUTS[name]
        tensor = infer_input(name, [1, 1], datatype)
        tensor.set_data_from_numpy(np.array([[value]], dtype=dtype))
        tensors.append(tensor)
    return tensors


def audio_chunk(output: Callable[[str], NDArray[Any] | None]) -> AudioChunk:
    """The chunk in one response, whose tensors `output` gives by name."""
    audio, rate, usage, entries = (_tensor(output, name) for name in ("audio", "sample_rate", "usage", "sentences"))
    starts, flags = _sentences(json.loads(entries.reshape(-1)[0]))
    prompt_tokens, audio_tokens = usage.reshape(-1).tolist()
    checkpoint = output("checkpoint")  # an older Triton does not tell
    return AudioChunk(
        samples=audio.reshape(-1).astype(np.int16, copy=False),
        rate=int(rate.reshape(-1)[0]),
        usage=Usage(prompt_tokens, audio_tokens),
        sentences=starts,
        checkpoint="" if checkpoint is None else checkpoint.reshape(-1)[0].decode(),
        flags=flags,
    )


def _sentences(entries: list[dict[str, Any]]) -> tuple[tuple[SentenceStart, ...], tuple[SentenceFlag, ...]]:
    """The sentences that begin, and those that went wrong; what a newer Triton tells beyond that is left out."""
    starts = [each for each in entries if "sample" in each]
    flags = [each for each in entries if "flag" in each]
    return (
        tuple(SentenceStart(each["index"], each["sample"], each["start"], each["end"]) for each in starts),
        tuple(SentenceFlag(each["index"], each["flag"]) for each in flags),
    )


def _tensor(output: Callable[[str], NDArray[Any] | None], name: str) -> NDArray[Any]:
    tensor = output(name)
    if tensor is None:
        raise ServerError(f"Triton's response lacks {name}; does the model repository fit the proxy?")
    return tensor


def model_error(message: str) -> ApiError:
    """The error that stands for what a model, or Triton on its behalf, reported."""
    coded = _CODED.search(message)
    if coded is None:
        return _tritons_own(message)
    code, text = coded["code"], coded["text"]
    match code:
        case "invalid_text" | "no_audio":
            return InvalidValue("input", text)
        case "invalid_parameter":
            return InvalidValue(_parameter_in(text), text)
        case "overloaded":
            return QueueFull(f"The speech engine is full: {text}")
        case "timeout":
            return DeadlineExceeded(f"The speech engine was too slow: {text}")
        case "cancelled":
            return ServiceUnavailable(f"The speech engine gave the request up: {text}")
        case "unavailable":
            return _engine_lost(text)
        case "quarantined":
            return RequestQuarantined(f"The speech engine refuses the request: {text}")
        case _:
            return ServerError(f"The speech engine failed: {text}")


def _tritons_own(message: str) -> ApiError:
    """The error that stands for what Triton said, not the models."""
    if _STUB_LOST.search(message):
        return EngineLost(f"Triton lost the model's process: {message}")
    if _NOT_SERVING.search(message):
        return ServiceUnavailable(f"Triton does not serve the model now: {message}")
    return ServerError(f"Triton failed: {message}")


def _engine_lost(text: str) -> EngineLost:
    error = EngineLost(f"The speech engine is not there: {text}")
    if after := _RETRY_AFTER.search(text):
        error.retry_after = min(int(after[1]), _LONGEST_WAIT)
    return error


def _parameter_in(text: str) -> str | None:
    return next((name for name in _PARAMETERS if name in text), None)
