"""Clients can use Triton's routes for inference, health and metrics, and none that change the server."""

from collections.abc import Callable, Iterator

import httpx
import numpy as np
import pytest
import tritonclient.grpc as grpc
from tritonclient.utils import InferenceServerException

from launch.triton.command import command_line
from launch.triton.installation import find_installation
from launch.triton.server import TritonServer
from launch.triton.settings import TritonSettings

SPEAK = {"inputs": [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["Hi."]}]}


@pytest.fixture
def triton(triton_settings: TritonSettings) -> Iterator[TritonServer]:
    with TritonServer(triton_settings) as triton:
        yield triton


OPEN = [
    ("GET", "/v2/health/ready", None),
    ("GET", "/v2/health/live", None),
    ("GET", "/v2", None),
    ("GET", "/v2/models/soprano", None),
    ("GET", "/v2/models/soprano/ready", None),
    ("GET", "/v2/models/soprano/config", None),
    ("GET", "/v2/models/soprano/stats", None),
    ("GET", "/v2/models/stats", None),
    ("POST", "/v2/models/soprano/infer", SPEAK),
    ("POST", "/v2/models/soprano_stream/generate_stream", {"text": "Hi."}),
]

CLOSED = [
    ("POST", "/v2/repository/index"),
    ("POST", "/v2/repository/models/soprano/load"),
    ("POST", "/v2/repository/models/soprano/unload"),
    ("GET", "/v2/systemsharedmemory/status"),
    ("POST", "/v2/systemsharedmemory/region/x/register"),
    ("POST", "/v2/systemsharedmemory/unregister"),
    ("GET", "/v2/cudasharedmemory/status"),
    ("POST", "/v2/cudasharedmemory/region/x/register"),
    ("GET", "/v2/trace/setting"),
    ("POST", "/v2/trace/setting"),
    ("POST", "/v2/models/soprano/trace/setting"),
    ("GET", "/v2/logging"),
    ("POST", "/v2/logging"),
]


def test_http_speaks_and_manages_nothing(triton: TritonServer) -> None:
    with httpx.Client(base_url=triton.http_url) as client:
        allowed = {path: client.request(method, path, json=body).status_code for method, path, body in OPEN}
        assert set(allowed.values()) == {200}, allowed
        closed = {path: client.request(method, path, json={}).status_code for method, path in CLOSED}
        assert set(closed.values()) == {403}, closed
        guessed = {"soprano-closed": "guess"}
        assert client.post("/v2/repository/index", headers=guessed).status_code == 403


def test_grpc_speaks_and_manages_nothing(triton: TritonServer) -> None:
    with grpc.InferenceServerClient(triton.grpc_url) as client:
        assert client.is_server_ready()
        assert client.get_server_metadata().name == "triton"
        assert client.get_model_config("soprano").config.name == "soprano"
        assert client.get_inference_statistics().model_stats
        text = grpc.InferInput("text", [1, 1], "BYTES")
        text.set_data_from_numpy(np.array([[b"Hi."]], dtype=np.object_))
        assert client.infer("soprano", [text]).as_numpy("audio").shape == (1, 10)
        closed: list[Callable[[], object]] = [
            client.get_model_repository_index,
            lambda: client.load_model("soprano"),
            lambda: client.unload_model("soprano"),
            client.get_system_shared_memory_status,
            lambda: client.register_system_shared_memory("x", "/x", 8),
            client.get_cuda_shared_memory_status,
            client.get_trace_settings,
            lambda: client.update_log_settings({"log_verbose_level": 1}),
        ]
        for call in closed:
            with pytest.raises(InferenceServerException, match="restricted"):
                call()


def test_the_token_is_different_each_time(triton_settings: TritonSettings) -> None:
    first, second = (command_line(triton_settings, find_installation(), "prefix") for _ in range(2))
    differing = [argument for argument in first if argument not in second]
    assert [argument.partition("=")[0] for argument in differing] == [
        "--http-restricted-api",
        "--grpc-restricted-protocol",
    ]
