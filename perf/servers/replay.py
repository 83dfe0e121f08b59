"""A stand-in for Triton that replays one clip for every request, to measure the proxy without the engine.

    .venv/bin/python -m perf.servers.replay 8001 60

serves `soprano_stream` on port 8001 with a clip of 60 seconds, until SIGTERM.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from itertools import accumulate
from typing import Any

import grpc  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import serialize_byte_tensor

RATE = 32_000
_FIRST_SAMPLES = 3 * 2048  # of the engine's first chunk
_NEXT_SAMPLES = 10_240  # of later chunks, on two busy cores

AT_ONCE = "At once."
"""The text of a clip whose chunks are sent as fast as they are read."""
PACED = "This one is paced, and so long that nobody would wait for its end before the header of a WAV file is sent."
"""The text of a clip whose chunks are sent one by one, about as fast as an engine makes them."""
REAL_TIME = "In real time."
"""The text of a clip whose chunks are sent when its listener has heard those before."""
_PAUSE = 0.05


def clip(seconds: float) -> NDArray[np.int16]:
    """Generate a sound as hard to encode as a voice, always the same: gliding harmonics in bursts, and some noise."""
    times = np.arange(int(seconds * RATE)) / RATE
    pitch = 2 * np.pi * (160 * times + 12 * np.sin(3 * times))
    voice = sum(np.sin(number * pitch) / number for number in range(1, 20))
    noise = np.random.default_rng(0).normal(scale=0.1, size=times.size)
    loudness = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * times)
    return np.asarray(np.round(5000 * loudness * (voice + noise)), dtype=np.int16)


def chunks(samples: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    """Cut a clip into chunks as the engine does."""
    return np.split(samples, range(_FIRST_SAMPLES, len(samples), _NEXT_SAMPLES))


class Replay(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Answers every request with the same responses."""

    def __init__(self, pieces: Sequence[NDArray[np.int16]]) -> None:
        last = len(pieces) - 1
        lengths = [len(piece) / RATE for piece in pieces]
        self._starts = [0.0, *accumulate(lengths[:-1])]
        self._responses = [_response(piece, index, final=index == last) for index, piece in enumerate(pieces)]

    # The protocol's names and signatures.

    async def ServerReady(self, request: Any, context: Any) -> Any:
        return service_pb2.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: Any, context: Any) -> Any:
        return service_pb2.ModelReadyResponse(ready=True)

    async def ModelStreamInfer(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        async for request in requests:
            begun = time.monotonic()
            for response, due in zip(self._responses, self._due(request.raw_input_contents[0]), strict=True):
                await asyncio.sleep(begun + due - time.monotonic())
                yield response

    def _due(self, text: bytes) -> Sequence[float]:
        """When each response is sent, in seconds from the request on."""
        if text.endswith(REAL_TIME.encode()):
            return self._starts
        pause = _PAUSE if text.endswith(PACED.encode()) else 0.0
        return [pause * index for index in range(len(self._responses))]


def _response(samples: NDArray[np.int16], index: int, *, final: bool) -> Any:
    sentences = b'[{"index":0,"sample":0,"start":0,"end":6}]' if index == 0 else b"[]"
    response = service_pb2.ModelInferResponse(model_name="soprano_stream")
    response.parameters["triton_final_response"].bool_param = final
    outputs: dict[str, tuple[str, NDArray[Any], bytes]] = {
        "audio": ("INT16", samples[None], samples.tobytes()),
        "sample_rate": ("INT32", rate := np.array([[RATE]], dtype=np.int32), rate.tobytes()),
        "usage": ("INT32", usage := np.array([[6, index + 1]], dtype=np.int32), usage.tobytes()),
        "sentences": ("BYTES", text := np.array([[sentences]], dtype=object), serialize_byte_tensor(text).item()),
    }
    for name, (datatype, array, raw) in outputs.items():
        response.outputs.add(name=name, datatype=datatype, shape=array.shape)
        response.raw_output_contents.append(raw)
    return service_pb2.ModelStreamInferResponse(infer_response=response)


async def serve(port: int, seconds: float) -> None:
    """Serve until SIGTERM."""
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(Replay(chunks(clip(seconds))), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(grace=None)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
