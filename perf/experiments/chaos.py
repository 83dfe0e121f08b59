"""Kills and stops the processes of `soprano serve` under load, and says whether what is promised of it holds."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from measuring.command import fail, say
from measuring.host import Facts, examine
from measuring.verdicts import Outcome
from perf.command import RESULTS, ResultsOption, ServedCheckpointOption, ThreadsOption, end, experiment
from perf.load_generators.chaos_listeners import ChaosStatus, Listeners, reference_sizes, texts
from perf.report import tables
from perf.report.results import save
from perf.servers.served import ENGINE, PROXY, STUB, TRITON, Served

_LEAD = 3.0  # seconds of load before each blow, so that streams are under way
_TAIL = 2.0  # seconds of load after the last one
_SETTLE = 60.0  # seconds for the processes to be all there again
_POLL = 0.05
_TARGETS = {"builtin": 3.0}
_FULL_SIZE_TARGET = 6.0
_STOPPED_TARGET = 10.0
_SUPERVISED_TARGET = 15.0


@dataclass(frozen=True)
class Blow:
    """What is done to the server: a signal to one of its processes, `times` in a row, each once it speaks again."""

    name: str
    victim: str
    signal: signal.Signals
    target: float
    """Seconds within which audio has to come that was requested after the blow."""
    times: int = 1
    keeps_unheard: bool = True
    """Whether requests without audio have to be spoken all the same; not if the process that held them was killed."""
    allows_quarantine: bool = False
    """Whether a request may have met two engines' deaths."""


@dataclass(frozen=True)
class Outage:
    """What came of it."""

    blow: str
    target: float
    silences: tuple[float | None, ...]
    """Seconds from each blow to the first audio that was asked for after it; None if there was none in time."""
    requests: Mapping[ChaosStatus, int]
    """How many met which status."""
    complaints: tuple[str, ...]
    """The promises that were broken, and how."""
    outcome: Outcome

    @property
    def longest(self) -> float | None:
        """The longest of the silences; None if one did not end."""
        known = [silence for silence in self.silences if silence is not None]
        return max(known) if known and len(known) == len(self.silences) else None


class GaveUp(StrEnum):
    """What a `soprano serve` that ends by itself means."""

    IS_BROKEN = "broken"
    IS_ALLOWED = "allowed"  # for a supervisor that is known to give up


async def strike(served: Served, blow: Blow, listeners: Listeners, patience: float, gave_up: GaveUp) -> Outage:
    """Deliver a blow under load, and wait for each recovery for at most `patience` seconds."""
    before = Counter(process.name for process in served.processes())
    speaking = asyncio.create_task(listeners.run())
    silences: list[float | None] = []
    complaints = []
    try:
        for _ in range(blow.times):
            await asyncio.sleep(_LEAD)
            silences.append(await _one(served, blow, listeners, patience))
            if silences[-1] is None:
                break
        await asyncio.sleep(_TAIL)
    finally:
        speaking.cancel()
    statuses = await listeners.ended()
    if not served.running:
        complaints.append(served.obituary())
    elif missing := await _unsettled(served, before):
        complaints.append(f"other processes than before: {missing}")
    complaints += broken_promises(blow, silences, statuses)
    outcome = Outcome.MISSED if complaints else Outcome.MET
    if not served.running and gave_up is GaveUp.IS_ALLOWED:
        outcome = Outcome.UNKNOWN
    return Outage(blow.name, blow.target, tuple(silences), dict(statuses), tuple(complaints), outcome)


def broken_promises(blow: Blow, silences: Sequence[float | None], statuses: Mapping[ChaosStatus, int]) -> list[str]:
    """Say which promises the silences and the statuses of the requests break."""
    complaints = []
    if len(silences) < blow.times or None in silences:
        complaints.append("nothing was heard again in time")
    elif (longest := max(silence for silence in silences if silence is not None)) > blow.target:
        complaints.append(f"silent for {longest:.1f} s, {blow.target:g} s are promised")
    never = [ChaosStatus.MISLED]
    if blow.keeps_unheard:
        never.append(ChaosStatus.LOST)
    if not blow.allows_quarantine:
        never.append(ChaosStatus.QUARANTINED)
    complaints += [f"{number} {status}" for status in never if (number := statuses.get(status, 0))]
    return complaints


async def _one(served: Served, blow: Blow, listeners: Listeners, patience: float) -> float | None:
    """Deliver one blow; return how long it was silent."""
    victim = await _until(lambda: served.pid_of(blow.victim), patience)
    if victim is None:
        return None
    struck = time.perf_counter()
    os.kill(victim, blow.signal)
    heard = await listeners.first_audio_since(struck, patience, lambda: served.running)
    return None if heard is None else heard - struck


async def _unsettled(served: Served, before: Counter[str]) -> str:
    """Wait until the processes have the names of those before; say what differs if they do not."""

    def difference() -> str:
        now = Counter(process.name for process in served.processes())
        return ", ".join(
            f"{now[name] - before[name]:+d} {name}" for name in sorted(now | before) if now[name] != before[name]
        )

    await _until(lambda: not difference() or None, _SETTLE)
    return difference()


async def _until(find: Callable[[], int | bool | None], patience: float) -> int | None:
    """Return what `find` returns once that is not None; None if it does not in time."""
    deadline = time.monotonic() + patience
    while (found := find()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - processes set no event
        await asyncio.sleep(_POLL)
    return found


@dataclass(frozen=True)
class ChaosResults:
    """What came of all outages."""

    facts: Facts
    checkpoint: str
    requests_per_second: float
    outages: list[Outage]


def main(
    checkpoint: ServedCheckpointOption = "builtin",
    dtype: Annotated[
        str, typer.Option(help="The engine's; only float32 tells a clip that ends too soon from a whole one.")
    ] = "float32",
    threads: ThreadsOption = 0,
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second.")] = 4.0,
    kills: Annotated[int, typer.Option(min=0, help="Of the engine, in a row.")] = 20,
    only: Annotated[list[str] | None, typer.Option(help="Names of outages, or parts of them; all by default.")] = None,
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds to wait for speech after each blow.")] = 90.0,
    may_give_up: Annotated[
        bool, typer.Option(help="Whether `soprano serve` may end over the death of Triton or the proxy.")
    ] = False,
    results: ResultsOption = RESULTS,
) -> None:
    """Serve speech, ask for it all the time, break one process after the other, and judge what the listeners notice.

    The status is 1 if a promise is broken.
    """
    target = _TARGETS.get(checkpoint, _FULL_SIZE_TARGET)
    chosen = [blow for blow in blows(target, kills) if not only or any(part in blow.name for part in only)]
    if not chosen:
        fail(f"no outage is called {only}: there are {', '.join(blow.name for blow in blows(target, kills))}")
    gave_up = GaveUp.IS_ALLOWED if may_give_up else GaveUp.IS_BROKEN
    with experiment(), Served.on(checkpoint, dtype=dtype, threads=threads) as served:
        outages = [_outage(served, blow, rate, patience, gave_up, is_exact=dtype == "float32") for blow in chosen]
    typer.echo(table(outages))
    measured = ChaosResults(examine("auto", dtype), checkpoint, rate, outages)
    missed = [outage.blow for outage in outages if outage.outcome is Outcome.MISSED]
    end([save(results / "chaos.json", measured)], failed=missed)


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
    names = [
        *(ChaosStatus.SPOKEN, ChaosStatus.CUT, ChaosStatus.REFUSED),
        *(ChaosStatus.LOST, ChaosStatus.QUARANTINED, ChaosStatus.MISLED),
    ]
    rows = []
    for outage in outages:
        silent = "never again" if outage.longest is None else f"{outage.longest:.1f}"
        counts = [outage.requests.get(name, 0) for name in names]
        rows.append(
            (outage.blow, silent, f"{outage.target:g}", str(sum(counts)), *map(str, counts), str(outage.outcome))
        )
    headings = ("", ">silent, s", ">promised, s", ">requests", *(f">{name}" for name in names), "")
    complaints = (f"- {outage.blow}: {each}" for outage in outages for each in outage.complaints)
    return "\n".join((*tables.table(headings, rows), *complaints)).strip()


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
