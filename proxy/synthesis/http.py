"""Speech from Triton over HTTP, in whole clips only, for networks in which the gRPC port is closed.

It uses tritonclient's asyncio client rather than the gevent one: waiting requests then need no threads and no limit.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import aiohttp
from tritonclient.http import InferInput
from tritonclient.http.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from proxy.errors import ServiceUnavailable
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from proxy.synthesis.triton_tensors import WHOLE_MODEL, audio_chunk, input_tensors, model_error

CHECK_SECONDS = 2.0
UNLIMITED = 0


class HttpSynthesizer:
    """The model `soprano` at `url` (host:port), one request per clip.

    `timeout`, in seconds, is for the whole clip. Triton's HTTP front end does not notice that a client has
    disconnected, so a clip is completed even then.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._client = InferenceServerClient(url, conn_limit=UNLIMITED, conn_timeout=timeout)

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """See `Synthesizer`; the one chunk is the clip."""
        # A clip that comes whole is not played meanwhile.
        inputs = input_tensors(replace(parameters, encoder_delay=None), InferInput)
        try:
            result = await self._client.infer(WHOLE_MODEL, inputs, request_id=parameters.request_id)
        except InferenceServerException as error:
            raise model_error(error.message()) from error
        except aiohttp.ClientError as error:
            raise self._unreachable(error) from error
        yield audio_chunk(result.as_numpy)

    async def check(self) -> None:
        """See `Synthesizer`."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                ready = await self._client.is_server_ready() and await self._client.is_model_ready(WHOLE_MODEL)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unreachable(error) from error
        if not ready:
            raise ServiceUnavailable(f"Triton at {self._url} has not loaded its models yet.")

    async def close(self) -> None:
        """See `Synthesizer`."""
        await self._client.close()

    def _unreachable(self, error: Exception) -> ServiceUnavailable:
        return ServiceUnavailable(f"Triton at {self._url} cannot be reached: {error or type(error).__name__}")
