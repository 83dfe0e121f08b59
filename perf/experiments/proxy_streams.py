"""Streams of the proxy in real time: how many a core carries, and what they do to the first audio of another one."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer

from measuring.host import Facts, OtherLoad, examine
from measuring.servers import our_proxy
from measuring.worker import SeparateProcess
from perf.command import RESULTS, ResultsOption, end, experiment
from perf.experiments.proxy import first_audio, processor_seconds, replayed
from perf.load_generators.listeners import listen
from perf.measurements import Percentiles
from perf.report.results import save
from perf.report.tables import titled_table
from perf.servers.replay import REAL_TIME
from proxy.audio.formats import AUDIO_FORMATS, FormatName

_RAMP = 2.0
_PROBES = 30
_MANY = 1000
_POINTS: tuple[tuple[FormatName, int], ...] = (
    *((name, 100) for name in AUDIO_FORMATS),
    *((name, listeners) for listeners in (10, 300) for name in ("pcm", "mp3")),
)
"""Format and number of streams."""


@dataclass(frozen=True)
class StreamLoad:
    """The proxy under streams in real time. `cores` are those that its processes use."""

    format: FormatName
    workers: int
    streams: int
    cores: float
    gap: Percentiles
    """Seconds between two pieces of a stream; the engine's chunks are 0.32 s apart."""
    added_first_audio_p50: float
    """Milliseconds that the proxy adds to the first audio of one more stream."""
    added_first_audio_p95: float

    @property
    def streams_per_core(self) -> float:
        """How many streams one core carries, at this cost."""
        return self.streams / self.cores

    @property
    def cores_for_many(self) -> float:
        """The cores for a thousand streams, extrapolated."""
        return _MANY / self.streams_per_core


@dataclass(frozen=True)
class ProxyStreams:
    """All load points of one run."""

    facts: Facts
    other_load: float
    loads: list[StreamLoad]


def main(
    seconds: Annotated[float, typer.Option(min=1, help="Of each load point.")] = 4.0,
    most: Annotated[int, typer.Option(min=1, help="Streams at once.")] = 300,
    workers: Annotated[list[int] | None, typer.Option(help="How many; 1 and then 2 by default.")] = None,
    results: ResultsOption = RESULTS,
) -> None:
    """Measure how many streams in real time a core of the proxy carries, with one and with two workers.

    Behind the proxy is a stand-in for Triton, which delivers each clip in real time. It and the clients take their
    time from the same cores; of the proxy, only its own processor time counts.
    """
    meanwhile = OtherLoad()
    points = [point for point in _POINTS if point[1] <= most]
    with experiment(), replayed() as triton_url, SeparateProcess("listeners") as clients:
        loads = []
        for count in workers or (1, 2):
            with our_proxy(triton_url, {"SOPRANO_PROXY_WORKERS": str(count)}) as url:
                loads += [
                    asyncio.run(_measure(url, triton_url, clients, count, name, streams, seconds))
                    for name, streams in points
                ]
    measured = ProxyStreams(examine("cpu", "auto"), meanwhile.cores(), loads)
    typer.echo("\n".join(_tables(measured)))
    end([save(results / "proxy-streams.json", measured)])


async def _measure(
    url: str,
    triton_url: str,
    clients: SeparateProcess,
    workers: int,
    name: FormatName,
    streams: int,
    seconds: float,
) -> StreamLoad:
    # The probes of the first audio come after the seconds in which the processor time is measured.
    listening = asyncio.create_task(
        asyncio.to_thread(clients.run, listen, url, REAL_TIME, name, streams, _RAMP, 2 * seconds)
    )
    await asyncio.sleep(_RAMP)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        before = await processor_seconds(client)
        await asyncio.sleep(seconds)
        spent = await processor_seconds(client) - before
        first = await first_audio(client, triton_url, name, _PROBES)
    return StreamLoad(
        format=name,
        workers=workers,
        streams=streams,
        cores=spent / seconds,
        gap=await listening,
        added_first_audio_p50=first.added_p50,
        added_first_audio_p95=first.added_p95,
    )


def _tables(measured: ProxyStreams) -> Iterator[str]:
    rows = [
        (
            *(load.format, str(load.workers), str(load.streams)),
            *(f"{load.cores:.2f}", f"{load.streams_per_core:.0f}", f"{load.cores_for_many:.1f}"),
            *(f"{load.added_first_audio_p50:.1f}", f"{load.added_first_audio_p95:.1f}", f"{1000 * load.gap.p99:.0f}"),
        )
        for load in measured.loads
    ]
    headings = (
        *("", ">workers", ">streams", ">cores used", ">streams per core", f">cores for {_MANY:,}"),
        *(">added to first audio, ms, p50", ">p95", ">gap, ms, p99"),
    )
    yield titled_table("Streams in real time", headings, rows)
