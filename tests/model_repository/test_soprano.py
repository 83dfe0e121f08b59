"""The whole-clip model on a real tritonserver, with plain clients."""

import threading

import httpx
import numpy as np
import pytest
import tritonclient.grpc as grpc_client
import tritonclient.http as http_client
from tritonclient.utils import InferenceServerException

from launch.triton.server import TritonServer
from tests.model_repository.clients import http, inputs, whole_clip

SENTENCE = "The quick brown fox jumps over the lazy dog, and so on."
LONG_TEXT = " ".join(f"This is sentence number {index} of a very long text." for index in range(80))


def test_http_infer_returns_the_whole_clip(triton: TritonServer) -> None:
    with http(triton) as client:
        result = client.infer("soprano", inputs(http_client, SENTENCE))
    prompt_tokens, audio_tokens = result.as_numpy("usage")[0]
    assert result.as_numpy("audio").shape == (1, (audio_tokens - 1) * 2048)
    assert result.as_numpy("sample_rate").tolist() == [[32000]]
    assert 3 < prompt_tokens < 100
    assert b'"start": 0' in result.as_numpy("sentences")[0, 0]
    assert result.as_numpy("checkpoint").tolist() == [[b"synthetic"]]


def test_grpc_infer_returns_the_same(triton: TritonServer) -> None:
    with grpc_client.InferenceServerClient(triton.grpc_url) as client:
        result = client.infer("soprano", inputs(grpc_client, SENTENCE))
    assert np.array_equal(result.as_numpy("audio")[0], whole_clip(triton, SENTENCE))


def test_plain_json_works_without_a_client_library(triton: TritonServer) -> None:
    body = {"inputs": [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["Hello."]}]}
    answer = httpx.post(f"{triton.http_url}/v2/models/soprano/infer", json=body, timeout=60)
    assert answer.status_code == 200
    outputs = {output["name"]: output for output in answer.json()["outputs"]}
    assert outputs["audio"]["datatype"] == "INT16"
    assert len(outputs["audio"]["data"]) == outputs["audio"]["shape"][1] > 0


def test_a_client_may_request_one_output(triton: TritonServer) -> None:
    with http(triton) as client:
        outputs = [http_client.InferRequestedOutput("audio")]
        result = client.infer("soprano", inputs(http_client, SENTENCE), outputs=outputs)
    assert [output["name"] for output in result.get_response()["outputs"]] == ["audio"]


@pytest.mark.parametrize("text", ["...", "", "\N{GRINNING FACE}"])
def test_a_text_with_nothing_to_speak_is_the_callers_error(triton: TritonServer, text: str) -> None:
    with http(triton) as client, pytest.raises(InferenceServerException, match="invalid_text") as raised:
        client.infer("soprano", inputs(http_client, text))
    assert raised.value.status() == "400"


def test_clips_have_their_own_lengths(triton: TritonServer) -> None:
    texts = ["Hello you.", SENTENCE, "A sentence in between, of medium length."]
    alone = [whole_clip(triton, text) for text in texts]
    with http(triton, concurrency=3) as client:
        pending = [client.async_infer("soprano", inputs(http_client, text)) for text in texts]
        together = [request.get_result().as_numpy("audio")[0] for request in pending]
    assert [len(clip) for clip in together] == [len(clip) for clip in alone]
    assert len({len(clip) for clip in alone}) == 3


def test_a_short_request_overtakes_a_long_one(triton: TritonServer) -> None:
    ended: list[str] = []

    def ask(name: str, text: str) -> None:
        whole_clip(triton, text)
        ended.append(name)

    long = threading.Thread(target=ask, args=("long", LONG_TEXT[:4000]))
    long.start()
    short = threading.Thread(target=ask, args=("short", "A short one."))
    short.start()
    short.join()
    long.join()
    assert ended == ["short", "long"]
