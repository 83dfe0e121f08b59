"""Clients of the Triton models and of their metrics."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import tritonclient.grpc as grpc_client
import tritonclient.http as http_client
from numpy.typing import NDArray

from launch.triton.server import TritonServer
from proxy.synthesis.triton_tensors import INPUTS

_TYPES = INPUTS | {"whole": ("BOOL", np.bool_)}


def inputs(client: Any, text: str | bytes, **parameters: Any) -> list[Any]:
    """Return the input tensors for `tritonclient.http` or `tritonclient.grpc`."""
    tensors = [client.InferInput("text", [1, 1], "BYTES")]
    raw = text.encode() if isinstance(text, str) else text
    tensors[0].set_data_from_numpy(np.array([[raw]], dtype=np.object_))
    for name, value in parameters.items():
        datatype, dtype = _TYPES[name]
        tensors.append(client.InferInput(name, [1, 1], datatype))
        tensors[-1].set_data_from_numpy(np.array([[value]], dtype=dtype))
    return tensors


def http(server: TritonServer, **options: Any) -> Any:
    # A long timeout for busy machines; the time limit of each test ends a request that hangs.
    return http_client.InferenceServerClient(server.http_address, network_timeout=600, **options)


def whole_clip(server: TritonServer, text: str, **parameters: Any) -> NDArray[np.int16]:
    """Return the samples of a clip, by HTTP from `soprano`."""
    with http(server) as client:
        result = client.infer("soprano", inputs(http_client, text, **parameters))
    return result.as_numpy("audio")[0]  # type: ignore[no-any-return]


@dataclass
class Response:
    """One response of a stream."""

    audio: NDArray[np.int16]
    sample_rate: int
    usage: tuple[int, int]
    sentences: bytes
    final: bool


class Stream:
    """One request to `soprano_stream` on its own gRPC stream."""

    def __init__(
        self,
        server: TritonServer,
        text: str | bytes,
        outputs: list[str] | None = None,
        *,
        errors_with_status: bool = False,
        **parameters: Any,
    ) -> None:
        self._client = grpc_client.InferenceServerClient(server.grpc_url)
        self._results: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._client.start_stream(
            lambda result, error: self._results.put((result, error)),
            headers={"triton_grpc_error": "true"} if errors_with_status else None,
        )
        self._client.async_stream_infer(
            "soprano_stream",
            inputs(grpc_client, text, **parameters),
            outputs=[grpc_client.InferRequestedOutput(name) for name in outputs] if outputs else None,
        )

    def results(self) -> Iterator[Any]:
        """Yield the client's results up to the final one; raises the server's error."""
        while True:
            result, error = self._results.get(timeout=60)
            if error is not None:
                raise error
            yield result
            if result.get_response().parameters["triton_final_response"].bool_param:
                return

    def __iter__(self) -> Iterator[Response]:
        for result in self.results():
            prompt_tokens, audio_tokens = result.as_numpy("usage")[0].tolist()
            yield Response(
                audio=result.as_numpy("audio")[0],
                sample_rate=int(result.as_numpy("sample_rate")[0, 0]),
                usage=(prompt_tokens, audio_tokens),
                sentences=result.as_numpy("sentences")[0, 0],
                final=result.get_response().parameters["triton_final_response"].bool_param,
            )

    def samples(self) -> NDArray[np.int16]:
        """Return all samples."""
        return np.concatenate([response.audio for response in self])

    def close(self, *, cancel: bool = False) -> None:
        """End the stream; with `cancel`, the request as well."""
        self._client.stop_stream(cancel_requests=cancel)
        self._client.close()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def metric(server: TritonServer, name: str) -> float:
    """Return one of the engine's metrics."""
    lines = httpx.get(server.metrics_url).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))
