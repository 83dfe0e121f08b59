"""The meaning of the models' errors and outputs."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.grpc import InferInput

from proxy.errors import (
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
from proxy.synthesis.interface import SentenceEnd, SentenceFlag, SentenceStart, SynthesisParameters
from proxy.synthesis.triton_tensors import audio_chunk, input_tensors, model_error


@pytest.mark.parametrize(
    ("message", "kind", "param"),
    [
        ("invalid_text: nothing to say", InvalidValue, "input"),
        ("invalid_parameter: top_k must be at least 0", InvalidValue, "top_k"),
        ("invalid_parameter: lexicon: the word 'seed' has 101 characters", InvalidValue, "lexicon"),
        ("invalid_parameter: the batch dimension must be 1", InvalidValue, None),
        ("overloaded: 64 requests wait", QueueFull, None),
        ("timeout: no audio was made within 60 s", DeadlineExceeded, None),
        ("cancelled: shutdown", ServiceUnavailable, None),
        ("no_audio: the model made no sound", NothingHeard, "input"),
        ("unavailable: the engine died; retry after 4 s", EngineLost, None),
        ("quarantined: the engine died twice", RequestQuarantined, None),
        ("internal: overloaded: not what it is", ServerError, None),
        ("in model 'soprano', message: invalid_text: nothing to say", InvalidValue, "input"),
        ("Request for unknown model: 'soprano' is not found", ServiceUnavailable, None),
        ("Server is stopping, scheduler for model has stopped accepting new requests", ServiceUnavailable, None),
        ("Stub process 'soprano_stream_0_0' is not healthy.", EngineLost, None),
        ("CUDA out of memory", ServerError, None),
    ],
)
def test_messages(message: str, kind: type[ApiError], param: str | None) -> None:
    error = model_error(message)
    assert type(error) is kind
    assert error.param == param


def test_an_engine_that_is_starting_again_says_when_to_come_back() -> None:
    assert model_error("unavailable: the engine died and is starting again; retry after 4 s").retry_after == 4


def test_a_request_that_ends_engines_must_not_be_repeated() -> None:
    error = model_error("quarantined: the engine died twice")
    assert error.body()["error"]["code"] == "request_quarantined"
    assert error.headers() == {"x-should-retry": "false"}


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


def test_sentences_that_begin_and_those_that_went_wrong_are_told_apart() -> None:
    entries = [
        {"index": 1, "sample": 64, "start": 9, "end": 17, "new": 0},
        {"index": 2, "sample": 99, "start": 18, "end": 20, "spoken": "two"},
        {"index": 1, "end_sample": 96},
        {"index": 0, "flag": "truncated"},
        {"index": 7},
    ]
    chunk = audio_chunk({**OUTPUTS, "sentences": np.array([[json.dumps(entries).encode()]], np.object_)}.get)
    assert chunk.sentences == (SentenceStart(1, 64, 9, 17, ""), SentenceStart(2, 99, 18, 20, "two"))
    assert chunk.ends == (SentenceEnd(1, 96),)
    assert chunk.flags == (SentenceFlag(0, "truncated"),)


def test_only_what_is_asked_for_is_sent() -> None:
    assert [tensor.name() for tensor in input_tensors(SynthesisParameters("Hello."), InferInput)] == ["text"]


@pytest.mark.parametrize("plain", [True, False])
def test_how_a_text_is_read_is_sent(plain: bool) -> None:
    parameters = SynthesisParameters("Hello.", plain=plain, lexicon={"Zürich": "tsoorik"})
    sent = {tensor.name(): tensor for tensor in input_tensors(parameters, InferInput)}
    assert list(sent) == ["text", "plain", "lexicon"]
    assert (sent["plain"].datatype(), sent["plain"].shape()) == ("BOOL", [1, 1])
    assert sent["plain"]._get_content() == bytes([plain])
    assert json.loads(sent["lexicon"]._get_content()[4:]) == {"Zürich": "tsoorik"}
