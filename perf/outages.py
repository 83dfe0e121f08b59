"""What listeners notice when a process of the server is killed or stopped under load."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from perf.chaos_listeners import Fate, Listeners
from perf.served import Served
from perf.verdicts import Outcome

_LEAD = 3.0  # seconds of load before each blow, so that streams are under way
_TAIL = 2.0  # seconds of load after the last one
_SETTLE = 60.0  # seconds for the processes to be all there again
_POLL = 0.05


@dataclass(frozen=True)
class Blow:
    """What is done to the server: a signal to one of its processes, `times` in a row, each once it speaks again."""

    name: str
    victim: str
    signal: signal.Signals
    target: float
    """Seconds within which somebody is to hear audio that was asked for after the blow."""
    times: int = 1
    keeps_unheard: bool = True
    """Whether requests without audio are to be spoken all the same; not where nobody is left who knows them."""
    allows_quarantine: bool = False
    """Whether a request may have met two engines' deaths."""


@dataclass(frozen=True)
class Outage:
    """What came of it."""

    blow: str
    target: float
    silences: tuple[float | None, ...]
    """Seconds from each blow to the first audio that was asked for after it; None if there was none in time."""
    requests: Mapping[Fate, int]
    """How many met which fate."""
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
    fates = await listeners.ended()
    if not served.running:
        complaints.append(served.obituary())
    elif missing := await _unsettled(served, before):
        complaints.append(f"other processes than before: {missing}")
    complaints += broken_promises(blow, silences, fates)
    outcome = Outcome.MISSED if complaints else Outcome.MET
    if not served.running and gave_up is GaveUp.IS_ALLOWED:
        outcome = Outcome.UNKNOWN
    return Outage(blow.name, blow.target, tuple(silences), dict(fates), tuple(complaints), outcome)


def broken_promises(blow: Blow, silences: Sequence[float | None], fates: Mapping[Fate, int]) -> list[str]:
    """Say which promises the silences and the fates of the requests break."""
    complaints = []
    if len(silences) < blow.times or None in silences:
        complaints.append("nothing was heard again in time")
    elif (longest := max(silence for silence in silences if silence is not None)) > blow.target:
        complaints.append(f"silent for {longest:.1f} s, {blow.target:g} s are promised")
    never = [Fate.MISLED]
    if blow.keeps_unheard:
        never.append(Fate.LOST)
    if not blow.allows_quarantine:
        never.append(Fate.QUARANTINED)
    complaints += [f"{number} {fate}" for fate in never if (number := fates.get(fate, 0))]
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
