"""What the models' errors and outputs mean."""

import numpy as np
import pytest

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


def test_response_without_audio_is_an_error() -> None:
    with pytest.raises(ServerError, match="lacks audio"):
        audio_chunk({"sample_rate": np.array([[32000]])}.get)
