"""Kills and stops the processes of `soprano serve` under load, and says whether what is promised of it holds.

    .venv/bin/python -m perf.chaos --help

Prints tables in Markdown, leaves JSON in `perf/results/`, and ends with status 1 if a promise is broken.
"""

import asyncio
import json
import signal
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.checkpoint.locate import resolve
from engine.errors import EngineError
from launch.errors import LaunchError
from perf.chaos_listeners import Fate, Listeners, reference_sizes, texts
from perf.load.command import RESULTS, end_in_order_on_sigterm, fail, say
from perf.machine import examine
from perf.outages import Blow, GaveUp, Outage, strike
from perf.served import ENGINE, PROXY, STUB, TRITON, Served, ServerFailed
from perf.verdicts import Outcome

_FILE = "chaos.json"
_TARGETS = {"builtin": 3.0}
_FULL_SIZE_TARGET = 6.0
_STOPPED_TARGET = 10.0
_SUPERVISED_TARGET = 15.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    checkpoint: Annotated[str, typer.Option(help="A directory, a hub id or `builtin`.")] = "builtin",
    dtype: Annotated[
        str, typer.Option(help="The engine's; only float32 tells a clip that ends too soon from a whole one.")
    ] = "float32",
    threads: Annotated[int, typer.Option(min=0, help="The engine's; 0 for all cores.")] = 0,
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second.")] = 4.0,
    kills: Annotated[int, typer.Option(min=0, help="Of the engine, in a row.")] = 20,
    only: Annotated[list[str] | None, typer.Option(help="Names of outages, or parts of them; all by default.")] = None,
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds to wait for speech after each blow.")] = 90.0,
    may_give_up: Annotated[
        bool, typer.Option(help="Whether `soprano serve` may end over the death of Triton or the proxy.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Directory for the JSON.")] = RESULTS,
) -> None:
    """Serve speech, ask for it all the time, break one process after the other, and judge what the listeners notice."""
    end_in_order_on_sigterm()
    target = _TARGETS.get(checkpoint, _FULL_SIZE_TARGET)
    chosen = [blow for blow in blows(target, kills) if not only or any(part in blow.name for part in only)]
    if not chosen:
        fail(f"no outage is called {only}: there are {', '.join(blow.name for blow in blows(target, kills))}")
    gave_up = GaveUp.IS_ALLOWED if may_give_up else GaveUp.IS_BROKEN
    try:
        name = checkpoint if checkpoint in _TARGETS else str(resolve(checkpoint).resolve())
        with Served(name, {"SOPRANO_DTYPE": dtype, "SOPRANO_THREADS": str(threads)}) as served:
            outages = [_outage(served, blow, rate, patience, gave_up, is_exact=dtype == "float32") for blow in chosen]
    except (EngineError, LaunchError, ServerFailed, ValueError) as error:
        fail(str(error))
    typer.echo(table(outages))
    facts = examine("auto", dtype)
    content = {
        "facts": asdict(facts),
        "checkpoint": checkpoint,
        "requests_per_second": rate,
        "outages": [asdict(outage) for outage in outages],
    }
    results.mkdir(parents=True, exist_ok=True)
    file = results / _FILE
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    typer.echo(file)
    if any(outage.outcome is Outcome.MISSED for outage in outages):
        raise typer.Exit(1)


def blows(target: float, kills: int) -> list[Blow]:
    """Return what is done to a server that is to speak again `target` seconds after the engine's death."""
    kill, stop = signal.SIGKILL, signal.SIGSTOP
    found = [
        Blow("kill -9 of the engine", ENGINE, kill, target),
        Blow("SIGSTOP of the engine", ENGINE, stop, _STOPPED_TARGET),
        Blow(f"{kills} kills of the engine in a row", ENGINE, kill, target, times=kills, allows_quarantine=True),
    ]
    # Requests live in the stub and in Triton, which know no others to hand them to.
    found += [
        Blow(f"kill -9 of {name}", victim, kill, _SUPERVISED_TARGET, keeps_unheard=False)
        for name, victim in (("the proxy", PROXY), ("Triton's stub", STUB), ("tritonserver", TRITON))
    ]
    return [blow for blow in found if blow.times]


def table(outages: Sequence[Outage]) -> str:
    """Return the figures in Markdown, and below them what was broken."""
    names = [Fate.SPOKEN, Fate.CUT, Fate.REFUSED, Fate.LOST, Fate.QUARANTINED, Fate.MISLED]
    lines = [f"| | silent, s | promised, s | requests | {' | '.join(names)} | |", "|---" * (len(names) + 5) + "|"]
    for outage in outages:
        silent = "never again" if outage.longest is None else f"{outage.longest:.1f}"
        counts = [outage.requests.get(name, 0) for name in names]
        cells = [outage.blow, silent, f"{outage.target:g}", sum(counts), *counts, outage.outcome]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", *(f"- {outage.blow}: {each}" for outage in outages for each in outage.complaints)]
    return "\n".join(lines).strip()


def _outage(served: Served, blow: Blow, rate: float, patience: float, gave_up: GaveUp, *, is_exact: bool) -> Outage:
    """Run one, on a server that speaks, and tell how it went."""
    say(blow.name)
    if not served.running:
        served.start()

    async def run() -> Outage:
        said = texts()
        sizes = await reference_sizes(served, said) if is_exact else {}
        return await strike(served, blow, Listeners(served, rate, said, sizes), patience, gave_up)

    return asyncio.run(run())


if __name__ == "__main__":
    app()
