"""Speech from Triton over gRPC: streamed, and cancelled when the client disconnects."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import grpc  # type: ignore[import-untyped]
from tritonclient.grpc import InferInput, InferResult
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from proxy.errors import ApiError, DeadlineExceeded, EngineLost, ServerError, ServiceUnavailable
from proxy.synthesis.channel import CHANNEL_OPTIONS, target
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from proxy.synthesis.triton_tensors import STREAM_MODEL, audio_chunk, input_tensors, model_error

CHECK_SECONDS = 2.0

_NOT_CONNECTED = re.compile("connect to|connection refused|name resolution|dns", re.I)
"""Matches gRPC's messages about a failed connection; then no Triton has received the request."""


class GrpcSynthesizer:
    """The model `soprano_stream` at `url`, one stream per clip on a shared channel; see `target` for `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = InferenceServerClient(target(url), channel_args=CHANNEL_OPTIONS)

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """See `Synthesizer`."""
        responses = self._client.stream_infer(_one_request(parameters))
        complete = False
        try:
            async for result, error in responses:
                if error is not None:
                    raise model_error(error.message())
                complete = _is_final(result)
                yield audio_chunk(result.as_numpy)
        except grpc.aio.AioRpcError as error:
            raise self._call_error(error) from error
        finally:
            responses.cancel()
        if not complete:
            raise ServerError("Triton ended the stream before the clip was complete.")

    async def check(self) -> None:
        """See `Synthesizer`."""
        try:
            # Only one call: two calls could reach two different Tritons.
            ready = await self._client.is_model_ready(STREAM_MODEL, client_timeout=CHECK_SECONDS)
        except InferenceServerException as error:
            raise ServiceUnavailable(f"Triton at {self._url} does not answer: {error.message()}") from error
        if not ready:
            raise ServiceUnavailable(f"Triton at {self._url} has not loaded its models yet.")

    async def close(self) -> None:
        """See `Synthesizer`."""
        await self._client.close()

    def _call_error(self, error: grpc.aio.AioRpcError) -> ApiError:
        match error.code():
            case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
                kind = ServiceUnavailable if _NOT_CONNECTED.search(error.details() or "") else EngineLost
                return kind(f"Triton at {self._url} cannot be reached: {error.details()}")
            case grpc.StatusCode.DEADLINE_EXCEEDED:
                return DeadlineExceeded(f"Triton at {self._url} did not answer in time.")
            case _:
                return ServerError(f"The call to Triton failed: {error.details()}")


def _one_request(parameters: SynthesisParameters) -> AsyncIterator[dict[str, Any]]:
    # Built before the stream starts, because the client turns errors of its iterator into a cancellation.
    request = {
        "model_name": STREAM_MODEL,
        "inputs": input_tensors(parameters, InferInput),
        "request_id": parameters.request_id,
    }

    async def requests() -> AsyncIterator[dict[str, Any]]:
        yield request

    return requests()


def _is_final(result: InferResult) -> bool:
    return bool(result.get_response().parameters["triton_final_response"].bool_param)
