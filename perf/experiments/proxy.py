"""The cost of the proxy: processor time for a second of audio, and delay of the first audio."""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer

from launch.process import ports
from launch.process.tethered_process import TetheredProcess
from measuring.host import Facts, OtherLoad, examine
from measuring.servers import ADDRESS, our_proxy
from perf.command import RESULTS, ResultsOption, end, experiment
from perf.measurements import percentile
from perf.report.results import save
from perf.report.tables import titled_table
from perf.servers.replay import AT_ONCE, PACED, RATE, chunks, clip
from proxy.audio.encoder import Encoder
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.synthesis.grpc import GrpcSynthesizer
from proxy.synthesis.interface import SynthesisParameters

_CLIP_SECONDS = 60.0
_STOP_SECONDS = 5.0
_VARIANTS: tuple[tuple[FormatName, bool, float], ...] = (
    *((name, False, 1.0) for name in AUDIO_FORMATS),
    ("pcm", True, 1.0),
    ("mp3", True, 1.0),
    ("pcm", False, 1.25),
    ("pcm", False, 0.5),
)
"""Format, whether it is sent as events, and speed."""


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
        """The encoder's share of the proxy's time, 0 to 1."""
        return self.encoder / self.proxy


@dataclass(frozen=True)
class FirstAudio:
    """Milliseconds until the first audio, directly from Triton and through the proxy, measured in turn."""

    format: str
    direct_p50: float
    proxied_p50: float
    added_p50: float
    added_p95: float


async def format_cost(
    client: httpx.AsyncClient, name: FormatName, *, sse: bool, speed: float, clips: int, at_once: int, seconds: float
) -> FormatCost:
    """Request `clips` clips of `seconds`, `at_once` at a time, and read the proxy's processor time before and after."""
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

    before = await processor_seconds(client)
    await asyncio.gather(*(one() for _ in range(clips)))
    spent = await processor_seconds(client) - before
    proxy = 1000 * spent / (clips * seconds / speed)
    return FormatCost(name, stream_format, speed, proxy, encoder_cost(name, speed, seconds))


def encoder_cost(name: FormatName, speed: float, seconds: float) -> float:
    """Milliseconds of processor time that the encoder alone takes for a second of audio."""
    pieces = chunks(clip(seconds))
    start = time.process_time()
    encoder = Encoder(AUDIO_FORMATS[name], RATE, speed=speed)
    for piece in pieces:
        encoder.encode(piece)
    encoder.finish()
    return 1000 * (time.process_time() - start) / (seconds / speed)


async def first_audio(client: httpx.AsyncClient, triton_url: str, name: FormatName, repeats: int) -> FirstAudio:
    """Send requests to Triton and to the proxy in turn."""
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
        # The first pair opens the connections and is not counted.
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
    start = time.perf_counter()
    await work()
    return 1000 * (time.perf_counter() - start)


async def processor_seconds(client: httpx.AsyncClient) -> float:
    """The processor seconds of the proxy's processes so far, from its metrics."""
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("process_cpu_seconds_total"))


@dataclass(frozen=True)
class ProxyResults:
    """The cost of the proxy."""

    facts: Facts
    other_load: float
    costs: list[FormatCost]
    first_audio: list[FirstAudio]


def main(
    clips: Annotated[int, typer.Option(min=1, help="For each format, of a minute each.")] = 16,
    at_once: Annotated[int, typer.Option(min=1)] = 8,
    repeats: Annotated[int, typer.Option(min=1, help="Of first audio, for each format.")] = 200,
    results: ResultsOption = RESULTS,
) -> None:
    """Measure the proxy's processor time for a second of audio, and the delay that it adds to the first audio.

    Behind the proxy is a stand-in for Triton that replays a clip.
    """
    meanwhile = OtherLoad()
    with experiment(), replayed() as triton_url, our_proxy(triton_url) as url:
        costs, firsts = asyncio.run(_measure(url, triton_url, clips, at_once, repeats))
    measured = ProxyResults(examine("cpu", "auto"), meanwhile.cores(), costs, firsts)
    typer.echo("\n".join(_tables(measured)))
    end([save(results / "proxy.json", measured)])


async def _measure(
    url: str, triton_url: str, clips: int, at_once: int, repeats: int
) -> tuple[list[FormatCost], list[FirstAudio]]:
    async with httpx.AsyncClient(base_url=url, timeout=300, trust_env=False) as client:
        costs = [
            await format_cost(client, name, sse=sse, speed=speed, clips=clips, at_once=at_once, seconds=_CLIP_SECONDS)
            for name, sse, speed in _VARIANTS
        ]
        firsts = [await first_audio(client, triton_url, name, repeats) for name in AUDIO_FORMATS]
    return costs, firsts


@contextmanager
def replayed() -> Iterator[str]:
    """Run the stand-in for Triton, and yield its host and port."""
    (port,) = ports.find_free(ADDRESS, 1)
    command = [sys.executable, "-m", "perf.servers.replay", str(port), str(_CLIP_SECONDS)]
    process = TetheredProcess(command, environment=os.environ)
    try:
        yield f"{ADDRESS}:{port}"
    finally:
        process.stop(_STOP_SECONDS)


def _tables(results: ProxyResults) -> Iterator[str]:
    """Yield both tables in Markdown."""
    costs = [
        (
            *(cost.format, cost.stream_format, f"{cost.speed:g}"),
            *(f"{cost.proxy:.2f}", f"{cost.encoder:.2f}", f"{cost.encoder_share:.0%}"),
        )
        for cost in results.costs
    ]
    headings = ("", "", "speed", ">ms", ">of that the encoder's", ">share")
    yield titled_table("Processor time for a second of audio", headings, costs)
    firsts = [
        (
            first.format,
            *(f"{figure:.2f}" for figure in (first.direct_p50, first.proxied_p50, first.added_p50, first.added_p95)),
        )
        for first in results.first_audio
    ]
    columns = ("", ">straight from Triton", ">through the proxy", ">added, p50", ">p95")
    yield titled_table("First audio, in milliseconds", columns, firsts)
