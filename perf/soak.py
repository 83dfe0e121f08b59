"""Puts `soprano serve` through thousands of requests, honest and hostile, and looks for what they leave behind.

    .venv/bin/python -m perf.soak --help

Prints tables in Markdown, leaves JSON in `perf/results/`, and ends with status 1 if a promise is broken.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.checkpoint.locate import resolve
from engine.errors import EngineError
from launch.errors import LaunchError
from perf.load.command import RESULTS, end_in_order_on_sigterm, fail, say
from perf.machine import examine
from perf.served import Served, ServerFailed
from perf.soak_part import Part, run_part, speak_alone, tables
from perf.soak_requests import Request, hostile_request, ordinary_texts, slow_request, soak_request

_FILE = "soak.json"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: Annotated[str, typer.Option(help="A directory, a hub id or `builtin`.")] = "builtin",
    requests: Annotated[int, typer.Option(min=0, help="Of every kind; a third leaves before the end.")] = 10_000,
    hostile: Annotated[int, typer.Option(min=0, help="Hostile texts, heard for a while.")] = 2000,
    slow_readers: Annotated[int, typer.Option(min=0, help="Clients at once that read long clips slowly.")] = 1000,
    slow_seconds: Annotated[float, typer.Option(min=1.0, help="That a slow reader stays.")] = 45.0,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at once, but for slow readers.")] = 12,
    threads: Annotated[int, typer.Option(min=0, help="The engine's; 0 for all cores.")] = 0,
    seed: Annotated[int, typer.Option(help="Which requests.")] = 1,
    minutes: Annotated[float, typer.Option(min=0.1, help="After which each part sends no more.")] = 60.0,
    results: Annotated[Path, typer.Option(help="Directory for the JSON.")] = RESULTS,
) -> None:
    """Serve speech in float32, so that each clip can be compared with the same one alone, and put load on it."""
    end_in_order_on_sigterm()
    texts = ordinary_texts()
    wanted: list[tuple[str, int, int, Callable[[int], Request]]] = [
        ("every kind of request", requests, concurrency, lambda number: soak_request(number, seed, texts)),
        ("hostile texts, and neighbours", hostile, concurrency, lambda number: hostile_request(number, seed, texts)),
        ("slow readers", slow_readers, slow_readers, lambda number: slow_request(number, slow_seconds)),
    ]
    try:
        name = checkpoint if checkpoint == "builtin" else str(resolve(checkpoint).resolve())
        with Served(name, {"SOPRANO_DTYPE": "float32", "SOPRANO_THREADS": str(threads)}) as served:
            parts = asyncio.run(_run(served, wanted, texts, 60 * minutes))
    except (EngineError, LaunchError, ServerFailed, ValueError) as error:
        fail(str(error))
    typer.echo(tables(parts))
    content = {
        "facts": asdict(examine("auto", "float32")),
        "checkpoint": checkpoint,
        "seed": seed,
        "parts": [asdict(part) for part in parts],
    }
    results.mkdir(parents=True, exist_ok=True)
    file = results / _FILE
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    typer.echo(file)
    if any(part.is_broken for part in parts):
        raise typer.Exit(1)


async def _run(
    served: Served,
    wanted: list[tuple[str, int, int, Callable[[int], Request]]],
    texts: tuple[str, ...],
    most_seconds: float,
) -> list[Part]:
    """Run the parts that have requests, one after the other, until one ends the server."""
    say("what is to be compared, spoken alone")
    references = await speak_alone(served, texts)
    parts: list[Part] = []
    for name, number, concurrency, make in wanted:
        if number and served.running:
            say(f"{name}: {number}")
            began = time.monotonic()
            parts.append(await run_part(served, name, number, concurrency, make, references, most_seconds))
            say(f"took {time.monotonic() - began:.0f} s")
    return parts


if __name__ == "__main__":
    app()
