"""Kills and stops the processes of `soprano serve` under load, and checks the promises about such failures."""

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
from pydantic import Field

from measuring.command import fail, say
from measuring.host import Facts, examine
from measuring.verdicts import Outcome
from perf.command import RESULTS, ResultsOption, ServedCheckpointOption, ThreadsOption, end, experiment
from perf.load_generators.chaos_listeners import ChaosStatus, Listeners, reference_sizes, texts
from perf.report import tables
from perf.report.results import save
from perf.servers.served import ENGINE, PROXY, STUB, TRITON, Served

_LEAD = 3.0  # seconds of load before each fault, so that streams are running
_TAIL = 2.0  # seconds of load after the last fault
_SETTLE = 60.0  # seconds until all processes must be running again
_POLL = 0.05
_TARGETS = {"builtin": 3.0}
_FULL_SIZE_TARGET = 6.0
_STOPPED_TARGET = 10.0
_SUPERVISED_TARGET = 15.0


@dataclass(frozen=True)
class Fault:
    """An injected fault: a signal to a process of the server, sent `times` times, each once the server speaks again."""

    name: str
    process: str
    signal: signal.Signals
    target: float
    """Seconds after the fault until audio of a later request must arrive."""
    times: int = 1
    keeps_waiting_requests: bool = True
    """Whether requests that have no audio yet must still be spoken; False if the killed process held them."""
    allows_quarantine: bool = False
    """Whether a request may be quarantined because two engines died while it was open."""


@dataclass(frozen=True)
class Outage:
    """The result of a fault."""

    fault: Annotated[str, Field(alias="blow")]
    target: float
    silences: tuple[float | None, ...]
    """Seconds from each fault to the first audio of a later request; None if there was none in time."""
    requests: Mapping[ChaosStatus, int]
    """The number of requests by status."""
    complaints: tuple[str, ...]
    """The broken promises, one sentence each."""
    outcome: Outcome

    @property
    def longest(self) -> float | None:
        """The longest of the silences; None if one of them did not end."""
        known = [silence for silence in self.silences if silence is not None]
        return max(known) if known and len(known) == len(self.silences) else None


class GaveUp(StrEnum):
    """How to judge it if `soprano serve` itself ends."""

    IS_BROKEN = "broken"
    IS_ALLOWED = "allowed"  # for a supervisor that ends when a server dies


async def inject(served: Served, fault: Fault, listeners: Listeners, patience: float, gave_up: GaveUp) -> Outage:
    """Inject a fault under load, and wait at most `patience` seconds for each recovery."""
    before = Counter(process.name for process in served.processes())
    speaking = asyncio.create_task(listeners.run())
    silences: list[float | None] = []
    complaints = []
    try:
        for _ in range(fault.times):
            await asyncio.sleep(_LEAD)
            silences.append(await _inject_once(served, fault, listeners, patience))
            if silences[-1] is None:
                break
        await asyncio.sleep(_TAIL)
    finally:
        speaking.cancel()
    statuses = await listeners.ended()
    if not served.running:
        complaints.append(served.describe_end())
    elif missing := await _unsettled(served, before):
        complaints.append(f"other processes than before: {missing}")
    complaints += broken_promises(fault, silences, statuses)
    outcome = Outcome.MISSED if complaints else Outcome.MET
    if not served.running and gave_up is GaveUp.IS_ALLOWED:
        outcome = Outcome.UNKNOWN
    return Outage(fault.name, fault.target, tuple(silences), dict(statuses), tuple(complaints), outcome)


def broken_promises(fault: Fault, silences: Sequence[float | None], statuses: Mapping[ChaosStatus, int]) -> list[str]:
    """Return a sentence for each promise that the silences and the statuses of the requests break."""
    complaints = []
    if len(silences) < fault.times or None in silences:
        complaints.append("no audio arrived in time")
    elif (longest := max(silence for silence in silences if silence is not None)) > fault.target:
        complaints.append(f"silent for {longest:.1f} s, {fault.target:g} s are promised")
    never = [ChaosStatus.MISLED]
    if fault.keeps_waiting_requests:
        never.append(ChaosStatus.LOST)
    if not fault.allows_quarantine:
        never.append(ChaosStatus.QUARANTINED)
    complaints += [f"{number} {status}" for status in never if (number := statuses.get(status, 0))]
    return complaints


async def _inject_once(served: Served, fault: Fault, listeners: Listeners, patience: float) -> float | None:
    """Inject the fault once; return the seconds of silence."""
    pid = await _until(lambda: served.pid_of(fault.process), patience)
    if pid is None:
        return None
    injected = time.perf_counter()
    os.kill(pid, fault.signal)
    first_audio = await listeners.first_audio_since(injected, patience, lambda: served.running)
    return None if first_audio is None else first_audio - injected


async def _unsettled(served: Served, before: Counter[str]) -> str:
    """Wait until the processes have the same names as before; return the difference if they do not."""

    def difference() -> str:
        now = Counter(process.name for process in served.processes())
        return ", ".join(
            f"{now[name] - before[name]:+d} {name}" for name in sorted(now | before) if now[name] != before[name]
        )

    await _until(lambda: not difference() or None, _SETTLE)
    return difference()


async def _until(find: Callable[[], int | bool | None], patience: float) -> int | None:
    """Return the first result of `find` that is not None; None if there is none in time."""
    deadline = time.monotonic() + patience
    while (found := find()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - processes set no event
        await asyncio.sleep(_POLL)
    return found


@dataclass(frozen=True)
class ChaosResults:
    """The results of all faults."""

    facts: Facts
    checkpoint: str
    requests_per_second: float
    outages: list[Outage]


def main(
    checkpoint: ServedCheckpointOption = "builtin",
    dtype: Annotated[
        str, typer.Option(help="The engine's; only with float32 can clips that end too early be detected.")
    ] = "float32",
    threads: ThreadsOption = 0,
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second.")] = 4.0,
    kills: Annotated[int, typer.Option(min=0, help="Kills of the engine in a row.")] = 20,
    only: Annotated[
        list[str] | None, typer.Option(help="Run only faults whose names contain this; all by default.")
    ] = None,
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds to wait for speech after each fault.")] = 90.0,
    may_give_up: Annotated[
        bool, typer.Option(help="Whether `soprano serve` may end when Triton or the proxy dies.")
    ] = False,
    results: ResultsOption = RESULTS,
) -> None:
    """Send requests all the time, break one process after the other, and judge what the clients notice.

    The status is 1 if a promise is broken.
    """
    target = _TARGETS.get(checkpoint, _FULL_SIZE_TARGET)
    chosen = [fault for fault in faults(target, kills) if not only or any(part in fault.name for part in only)]
    if not chosen:
        fail(f"no fault matches {only}: choose from {', '.join(fault.name for fault in faults(target, kills))}")
    gave_up = GaveUp.IS_ALLOWED if may_give_up else GaveUp.IS_BROKEN
    with experiment(), Served.on(checkpoint, dtype=dtype, threads=threads) as served:
        outages = [_outage(served, fault, rate, patience, gave_up, is_exact=dtype == "float32") for fault in chosen]
    typer.echo(table(outages))
    measured = ChaosResults(examine("auto", dtype), checkpoint, rate, outages)
    missed = [outage.fault for outage in outages if outage.outcome is Outcome.MISSED]
    end([save(results / "chaos.json", measured)], failed=missed)


def faults(target: float, kills: int) -> list[Fault]:
    """Return the faults, for a server that must speak again `target` seconds after the engine's death."""
    kill, stop = signal.SIGKILL, signal.SIGSTOP
    found = [
        Fault("kill -9 of the engine", ENGINE, kill, target),
        Fault("SIGSTOP of the engine", ENGINE, stop, _STOPPED_TARGET),
        Fault(f"{kills} kills of the engine in a row", ENGINE, kill, target, times=kills, allows_quarantine=True),
    ]
    # Open requests are lost with the stub and with Triton, because no other process has them.
    found += [
        Fault(f"kill -9 of {name}", process, kill, _SUPERVISED_TARGET, keeps_waiting_requests=False)
        for name, process in (("the proxy", PROXY), ("Triton's stub", STUB), ("tritonserver", TRITON))
    ]
    return [fault for fault in found if fault.times]


def table(outages: Sequence[Outage]) -> str:
    """Return the figures in Markdown, followed by the broken promises."""
    names = [
        *(ChaosStatus.SPOKEN, ChaosStatus.CUT, ChaosStatus.REFUSED),
        *(ChaosStatus.LOST, ChaosStatus.QUARANTINED, ChaosStatus.MISLED),
    ]
    rows = []
    for outage in outages:
        silent = "until the end" if outage.longest is None else f"{outage.longest:.1f}"
        counts = [outage.requests.get(name, 0) for name in names]
        rows.append(
            (outage.fault, silent, f"{outage.target:g}", str(sum(counts)), *map(str, counts), str(outage.outcome))
        )
    headings = ("", ">silent, s", ">promised, s", ">requests", *(f">{name}" for name in names), "")
    complaints = (f"- {outage.fault}: {each}" for outage in outages for each in outage.complaints)
    return "\n".join((*tables.table(headings, rows), *complaints)).strip()


def _outage(served: Served, fault: Fault, rate: float, patience: float, gave_up: GaveUp, *, is_exact: bool) -> Outage:
    """Inject one fault into a server that speaks, and return the result."""
    say(fault.name)
    if not served.running:
        served.start()

    async def run() -> Outage:
        said = texts()
        sizes = await reference_sizes(served, said) if is_exact else {}
        return await inject(served, fault, Listeners(served, rate, said, sizes), patience, gave_up)

    return asyncio.run(run())
