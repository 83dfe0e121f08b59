"""Measures what the proxy costs, apart from the engine: for every format, and at the first audio.

    .venv/bin/python -m perf.bench_proxy --help

Prints two tables and leaves JSON in `perf/results/`. A Triton that replays a clip stands behind the proxy.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from launch.process import ports
from launch.process.tethered_process import TetheredProcess
from perf.load.servers import our_proxy
from perf.machine import examine
from perf.other_load import OtherLoad
from perf.proxy_cost import FirstAudio, FormatCost, first_audio, format_cost
from proxy.audio.formats import AUDIO_FORMATS, FormatName

_RESULTS = Path(__file__).parent / "results"
_CLIP_SECONDS = 60.0
_STOP_SECONDS = 5.0
_VARIANTS: tuple[tuple[FormatName, bool, float], ...] = (
    *((name, False, 1.0) for name in AUDIO_FORMATS),
    ("pcm", True, 1.0),
    ("mp3", True, 1.0),
    ("pcm", False, 1.25),
    ("pcm", False, 0.5),
)
"""Format, whether as events, speed."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    clips: Annotated[int, typer.Option(min=1, help="For each format, of a minute each.")] = 16,
    at_once: Annotated[int, typer.Option(min=1)] = 8,
    repeats: Annotated[int, typer.Option(min=1, help="Of first audio, for each format.")] = 200,
    results: Annotated[Path, typer.Option(help="Directory for the JSON.")] = _RESULTS,
) -> None:
    """Measure the proxy's processor time for a second of audio, and how much later the first audio comes through it."""
    meanwhile = OtherLoad()
    with _replayed() as triton_url, our_proxy(triton_url) as url:
        costs, firsts = asyncio.run(_measure(url, triton_url, clips, at_once, repeats))
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(_cost_table(costs))
    console.print(_first_audio_table(firsts))
    content = {
        "facts": asdict(examine("cpu", "auto")),
        "other_load": meanwhile.cores(),
        "costs": [asdict(cost) for cost in costs],
        "first_audio": [asdict(first) for first in firsts],
    }
    results.mkdir(parents=True, exist_ok=True)
    file = results / "proxy.json"
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    typer.echo(file)


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
def _replayed() -> Iterator[str]:
    (port,) = ports.find_free("127.0.0.1", 1)
    command = [sys.executable, "-m", "perf.replay", str(port), str(_CLIP_SECONDS)]
    process = TetheredProcess(command, environment=os.environ)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.stop(_STOP_SECONDS)


def _cost_table(costs: list[FormatCost]) -> Table:
    table = Table("", "", "speed", title="Processor time for a second of audio")
    for heading in ("ms", "of that the encoder's", "share"):
        table.add_column(heading, justify="right")
    for cost in costs:
        figures = (f"{cost.proxy:.2f}", f"{cost.encoder:.2f}", f"{cost.encoder_share:.0%}")
        table.add_row(cost.format, cost.stream_format, f"{cost.speed:g}", *figures)
    return table


def _first_audio_table(firsts: list[FirstAudio]) -> Table:
    table = Table("", title="First audio, in milliseconds")
    for heading in ("straight from Triton", "through the proxy", "added, p50", "p95"):
        table.add_column(heading, justify="right")
    for first in firsts:
        figures = (first.direct_p50, first.proxied_p50, first.added_p50, first.added_p95)
        table.add_row(first.format, *(f"{figure:.2f}" for figure in figures))
    return table


if __name__ == "__main__":
    app()
