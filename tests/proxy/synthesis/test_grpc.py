"""The gRPC client of Triton, against a stand-in on a real port."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import TypeVar

import numpy as np
import pytest

from proxy.errors import (
    ApiError,
    DeadlineExceeded,
    EngineLost,
    InvalidValue,
    QueueFull,
    ServerError,
    ServiceUnavailable,
)
from proxy.synthesis.grpc import GrpcSynthesizer
from proxy.synthesis.interface import AudioChunk, SynthesisParameters, Usage
from tests.proxy.stand_in import CHUNK_SAMPLES, RATE, sine
from tests.proxy.synthesis.stand_in_triton import StandInTriton, serve

T = TypeVar("T")


@pytest.fixture
def triton() -> StandInTriton:
    return StandInTriton()


@pytest.fixture
def triton_url(triton: StandInTriton) -> Iterator[str]:
    with serve(triton) as url:
        yield url


def with_synthesizer(url: str, work: Callable[[GrpcSynthesizer], Awaitable[T]]) -> T:
    async def run() -> T:
        synthesizer = GrpcSynthesizer(url)
        try:
            return await work(synthesizer)
        finally:
            await synthesizer.close()

    return asyncio.run(run())


def synthesize(url: str, text: str) -> list[AudioChunk]:
    async def collect(synthesizer: GrpcSynthesizer) -> list[AudioChunk]:
        async with aclosing(synthesizer.synthesize(SynthesisParameters(text))) as chunks:
            return [chunk async for chunk in chunks]

    return with_synthesizer(url, collect)


def test_chunks_arrive_in_order(triton_url: str) -> None:
    chunks = synthesize(triton_url, "chunks=4")
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in chunks]), sine(4 * CHUNK_SAMPLES))
    assert {chunk.rate for chunk in chunks} == {RATE}
    assert chunks[-1].usage == Usage(prompt_tokens=7, audio_tokens=12)


def test_request_carries_what_was_set_and_nothing_else(triton_url: str, triton: StandInTriton) -> None:
    parameters = SynthesisParameters("Grüße", temperature=0.5, top_k=7, seed=-5, request_id="mine")

    async def start(synthesizer: GrpcSynthesizer) -> None:
        async with aclosing(synthesizer.synthesize(parameters)) as chunks:
            await anext(chunks)

    with_synthesizer(triton_url, start)
    (request,) = triton.requests
    assert (request.model_name, request.id) == ("soprano_stream", "mine")
    contents = dict(zip([tensor.name for tensor in request.inputs], request.raw_input_contents, strict=True))
    assert {tensor.datatype for tensor in request.inputs} == {"BYTES", "FP32", "INT32", "INT64"}
    assert {tuple(tensor.shape) for tensor in request.inputs} == {(1, 1)}
    assert contents["text"][4:].decode() == "Grüße"
    assert np.frombuffer(contents["temperature"], "<f4") == [0.5]
    assert np.frombuffer(contents["top_k"], "<i4") == [7]
    assert np.frombuffer(contents["seed"], "<i8") == [-5]
    assert set(contents) == {"text", "temperature", "top_k", "seed"}


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("error invalid_text: nothing to say", InvalidValue, "nothing to say"),
        ("error overloaded: 64 requests wait", QueueFull, "64 requests wait"),
        ("error internal: broken", ServerError, "broken"),
        ("error Request for unknown model: 'x' is not found", ServiceUnavailable, "unknown model"),
        ("after=2 error internal: late", ServerError, "late"),
        ("unfinished", ServerError, "before the clip was complete"),
        ("chunks=0", ServerError, "before the clip was complete"),
        ("abort=UNAVAILABLE", EngineLost, "cannot be reached"),
        ("abort=CANCELLED", EngineLost, "cannot be reached"),
        ("abort=DEADLINE_EXCEEDED", DeadlineExceeded, "in time"),
        ("abort=UNIMPLEMENTED", ServerError, "as the test demands"),
    ],
)
def test_failures_become_errors(triton_url: str, text: str, kind: type[ApiError], message: str) -> None:
    with pytest.raises(kind, match=message) as error:
        synthesize(triton_url, text)
    assert type(error.value) is kind


def test_closing_after_a_chunk_cancels_the_stream(triton_url: str, triton: StandInTriton) -> None:
    async def leave(synthesizer: GrpcSynthesizer) -> None:
        async with aclosing(synthesizer.synthesize(SynthesisParameters("chunks=500 pause=0.02"))) as chunks:
            await anext(chunks)
        await asyncio.to_thread(triton.cancelled.wait, 1)

    with_synthesizer(triton_url, leave)
    assert triton.cancelled.is_set()


def test_cancelling_the_wait_for_a_chunk_cancels_the_stream(triton_url: str, triton: StandInTriton) -> None:
    async def leave(synthesizer: GrpcSynthesizer) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(synthesizer.synthesize(SynthesisParameters("silent")))
        await asyncio.to_thread(triton.cancelled.wait, 1)

    with_synthesizer(triton_url, leave)
    assert triton.cancelled.is_set()


def test_check(triton_url: str, triton: StandInTriton) -> None:
    with_synthesizer(triton_url, lambda synthesizer: synthesizer.check())
    triton.model_ready = False
    with pytest.raises(ServiceUnavailable, match="not loaded"):
        with_synthesizer(triton_url, lambda synthesizer: synthesizer.check())


def test_triton_that_is_down_is_found_again_soon_after_it_came_back() -> None:
    with serve(StandInTriton()) as url:
        pass

    async def wait_for_return(synthesizer: GrpcSynthesizer) -> float:
        for _ in range(10):
            with pytest.raises(ServiceUnavailable, match="cannot be reached"):
                await anext(synthesizer.synthesize(SynthesisParameters("Hello.")))
            with pytest.raises(ServiceUnavailable, match="does not answer"):
                await synthesizer.check()
            await asyncio.sleep(0.2)
        with serve(StandInTriton(), port=int(url.rpartition(":")[2])):
            back = time.monotonic()
            while True:
                try:
                    await synthesizer.check()
                except ServiceUnavailable:
                    await asyncio.sleep(0.05)
                else:
                    return time.monotonic() - back

    assert with_synthesizer(url, wait_for_return) < 2.0
