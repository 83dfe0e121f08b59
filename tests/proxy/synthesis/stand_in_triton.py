"""A stand-in for Triton: its gRPC protocol on a real port, with answers and faults on request.

It produces faults that a real Triton does not produce on request. The text of a request selects them: `chunks=N`
responses, `error MESSAGE`, `after=N` for an error after N chunks, `silent` for no response at all, `unfinished` for a
stream that ends without its final response, and `abort=STATUS` for a call that Triton itself ends.
"""

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass, field
from typing import Any

import grpc  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import serialize_byte_tensor

from tests.proxy.stand_in import CHUNK_SAMPLES, RATE, sine


@dataclass
class StandInTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Records the requests and whether one was cancelled; if `refusal` is set, answers all requests with it."""

    model_ready: bool = True
    refusal: str = ""
    requests: list[Any] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def ServerReady(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802 (the protocol's)
        return service_pb2.ServerReadyResponse(ready=True)

    def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802 (the protocol's)
        return service_pb2.ModelReadyResponse(ready=self.model_ready)

    def ModelStreamInfer(self, requests: Any, context: Any) -> Iterator[Any]:  # noqa: N802 (the protocol's)
        request = next(requests)
        self.requests.append(request)
        if self.refusal:
            yield service_pb2.ModelStreamInferResponse(error_message=self.refusal)
            return
        finished = threading.Event()
        context.add_callback(lambda: self._note_cancellation(finished))
        yield from _responses(request.raw_input_contents[0][4:].decode(), context)
        finished.set()

    def _note_cancellation(self, finished: threading.Event) -> None:
        if not finished.is_set():
            self.cancelled.set()


def _responses(text: str, context: Any) -> Iterator[Any]:
    if status := re.search(r"abort=(\w+)", text):
        context.abort(grpc.StatusCode[status[1]], "as the test demands")
    chunks, error_after = _number("chunks", text, 3), _number("after", text, 0)
    for index in range(int(chunks)):
        if "error" in text and index == error_after:
            yield service_pb2.ModelStreamInferResponse(error_message=text.partition("error ")[2])
            return
        while "silent" in text and context.is_active():
            time.sleep(0.01)
        final = index == chunks - 1 and "unfinished" not in text
        yield service_pb2.ModelStreamInferResponse(infer_response=_response(index, final=final))
        time.sleep(_number("pause", text, 0.0))


def _number(name: str, text: str, default: float) -> float:
    found = re.search(rf"{name}=([\d.]+)", text)
    return float(found[1]) if found else default


def _response(index: int, *, final: bool) -> Any:
    response = service_pb2.ModelInferResponse(model_name="soprano_stream")
    outputs: dict[str, tuple[str, NDArray[Any]]] = {
        "audio": ("INT16", sine(CHUNK_SAMPLES, index * CHUNK_SAMPLES)[None]),
        "sample_rate": ("INT32", np.array([[RATE]], np.int32)),
        "usage": ("INT32", np.array([[7, 3 * index + 3]], np.int32)),
    }
    for name, (datatype, value) in outputs.items():
        response.outputs.add(name=name, datatype=datatype, shape=value.shape)
        response.raw_output_contents.append(value.tobytes())
    sentences = [{"index": 0, "sample": 0, "start": 0, "end": 6}] if index == 0 else []
    response.outputs.add(name="sentences", datatype="BYTES", shape=[1, 1])
    response.raw_output_contents.append(
        serialize_byte_tensor(np.array([json.dumps(sentences).encode()], object)).item()
    )
    response.parameters["triton_final_response"].bool_param = final
    return response


@contextlib.contextmanager
def serve(triton: StandInTriton, port: int = 0) -> Iterator[str]:
    """Serve `triton` and yield its host:port."""
    server = grpc.server(futures.ThreadPoolExecutor(16))
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
