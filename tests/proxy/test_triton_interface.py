"""What the models' errors and outputs mean."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from proxy.errors import ApiError, DeadlineExceeded, InvalidValue, QueueFull, ServerError, ServiceUnavailable
from proxy.triton_interface import audio_chunk, model_error


@pytest.mark.parametrize(
    ("message", "kind", "param"),
    [
        ("invalid_text: nothing to say", InvalidValue, "input"),
        ("invalid_parameter: top_k must be at least 0", InvalidValue, "top_k"),
        ("invalid_parameter: the batch dimension must be 1", InvalidValue, None),
        ("overloaded: 64 requests wait", QueueFull, None),
        ("timeout: no audio was made within 60 s", DeadlineExceeded, None),
        ("cancelled: shutdown", ServiceUnavailable, None),
        ("no_audio: the model said nothing", ServerError, None),
        ("internal: overloaded: not what it is", ServerError, None),
        ("in model 'soprano', message: invalid_text: nothing to say", InvalidValue, "input"),
        ("Request for unknown model: 'soprano' is not found", ServiceUnavailable, None),
        ("Server is stopping, scheduler for model has stopped accepting new requests", ServiceUnavailable, None),
        ("Stub process 'soprano_stream_0_0' is not healthy.", ServiceUnavailable, None),
        ("CUDA out of memory", ServerError, None),
    ],
)
def test_messages(message: str, kind: type[ApiError], param: str | None) -> None:
    error = model_error(message)
    assert type(error) is kind
    assert error.param == param


OUTPUTS: dict[str, NDArray[Any]] = {
    "audio": np.zeros((1, 4), np.int16),
    "sample_rate": np.array([[32000]], np.int32),
    "usage": np.array([[7, 3]], np.int32),
    "sentences": np.array([[b"[]"]], np.object_),
}


def test_response_names_its_checkpoint() -> None:
    outputs: dict[str, NDArray[Any]] = {**OUTPUTS, "checkpoint": np.array([[b"builtin"]], np.object_)}
    assert audio_chunk(outputs.get).checkpoint == "builtin"


def test_an_older_triton_does_not_name_it() -> None:
    assert audio_chunk(OUTPUTS.get).checkpoint == ""


def test_response_without_audio_is_an_error() -> None:
    with pytest.raises(ServerError, match="lacks audio"):
        audio_chunk({"sample_rate": np.array([[32000]])}.get)
