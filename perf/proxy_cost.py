"""What the proxy costs: processor time for a second of audio, and what it adds to the first audio."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from perf.percentile import percentile
from perf.replay import AT_ONCE, PACED, RATE, chunks, clip
from proxy.audio.encoder import Encoder
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.synthesis.grpc import GrpcSynthesizer
from proxy.synthesis.interface import SynthesisParameters


@dataclass(frozen=True)
class FormatCost:
    """Milliseconds of processor time for a second of audio, in one format; `encoder` is part of `proxy`."""

    format: str
    stream_format: str
    speed: float
    proxy: float
    encoder: float

    @property
    def encoder_share(self) -> float:
        """The encoder's part of the whole, 0 to 1."""
        return self.encoder / self.proxy


@dataclass(frozen=True)
class FirstAudio:
    """Milliseconds until the first audio, straight from Triton and through the proxy, in turn."""

    format: str
    direct_p50: float
    proxied_p50: float
    added_p50: float
    added_p95: float


async def format_cost(
    client: httpx.AsyncClient, name: FormatName, *, sse: bool, speed: float, clips: int, at_once: int, seconds: float
) -> FormatCost:
    """Have `clips` clips of `seconds` spoken, `at_once` at a time, and read the proxy's own clock before and after."""
    stream_format = "sse" if sse else "audio"
    body = {
        "model": "soprano",
        "input": AT_ONCE,
        "response_format": name,
        "stream_format": stream_format,
        "speed": speed,
    }
    turns = asyncio.Semaphore(at_once)

    async def one() -> None:
        async with turns, client.stream("POST", "/v1/audio/speech", json=body) as response:
            response.raise_for_status()
            async for _ in response.aiter_raw():
                pass

    before = await _processor_seconds(client)
    await asyncio.gather(*(one() for _ in range(clips)))
    spent = await _processor_seconds(client) - before
    proxy = 1000 * spent / (clips * seconds / speed)
    return FormatCost(name, stream_format, speed, proxy, encoder_cost(name, speed, seconds))


def encoder_cost(name: FormatName, speed: float, seconds: float) -> float:
    """Milliseconds of processor time that the encoder alone takes for a second of audio."""
    pieces = chunks(clip(seconds))
    begun = time.process_time()
    encoder = Encoder(AUDIO_FORMATS[name], RATE, speed=speed)
    for piece in pieces:
        encoder.encode(piece)
    encoder.finish()
    return 1000 * (time.process_time() - begun) / (seconds / speed)


async def first_audio(client: httpx.AsyncClient, triton_url: str, name: FormatName, repeats: int) -> FirstAudio:
    """Ask Triton itself and the proxy in turn."""
    triton = GrpcSynthesizer(triton_url)
    body = {"model": "soprano", "input": PACED, "response_format": name}

    async def direct() -> None:
        async with aclosing(triton.synthesize(SynthesisParameters(PACED))) as pieces:
            await anext(pieces)

    async def proxied() -> None:
        async with client.stream("POST", "/v1/audio/speech", json=body) as response:
            response.raise_for_status()
            await anext(response.aiter_raw())

    try:
        pairs = [(await _milliseconds(direct), await _milliseconds(proxied)) for _ in range(repeats + 1)][1:]
    finally:
        await triton.close()
    added = [through - straight for straight, through in pairs]
    return FirstAudio(
        format=name,
        direct_p50=statistics.median(straight for straight, _ in pairs),
        proxied_p50=statistics.median(through for _, through in pairs),
        added_p50=statistics.median(added),
        added_p95=percentile(added, 0.95),
    )


async def _milliseconds(work: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    await work()
    return 1000 * (time.perf_counter() - begun)


async def _processor_seconds(client: httpx.AsyncClient) -> float:
    """What the proxy's process has used so far, by its own account."""
    lines = (await client.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("process_cpu_seconds_total "))
