"""The effect on listeners when one of two Tritons is killed, and when both are restarted one after the other."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from engine.settings import EngineSettings
from launch.triton.server import TritonServer
from measuring.command import CheckpointOption, say, weights
from measuring.host import Facts, examine
from measuring.servers import our_proxy, our_triton
from perf.command import RESULTS, ResultsOption, end, experiment
from perf.load_generators.driver import SpeechDriver
from perf.measurements import Load, Percentiles, RequestResult, Status
from perf.report import tables
from perf.report.results import save
from perf.workload import Mix

_LONGEST = 400  # characters: long enough to be cut in the middle, short enough for many requests
_LEAD = 20.0  # seconds of load before anything happens
_ABSENCE = 10.0  # seconds that a killed Triton stays away


@dataclass(frozen=True)
class Phase:
    """The requests that were sent in one phase of a run."""

    name: str
    spoken: int
    refused: int
    failed: int
    first_audio: Percentiles | None  # seconds

    @classmethod
    def of(cls, name: str, results: Sequence[RequestResult]) -> "Phase":
        """Combine `results`."""
        streams = [result.stream for result in results if result.stream is not None]
        counts = Counter(result.status for result in results)
        return cls(
            name=name,
            spoken=counts[Status.SPOKEN],
            refused=counts[Status.REFUSED],
            failed=counts[Status.FAILED],
            first_audio=Percentiles.of([stream.first_audio for stream in streams]),
        )


@dataclass
class Timeline:
    """The beginnings of a run's phases, by `time.perf_counter`, which is the same for all processes of a machine."""

    begins: list[tuple[str, float]] = field(default_factory=list)

    def enter(self, name: str) -> None:
        """Begin a phase; this ends the one before."""
        self.begins.append((name, time.perf_counter()))

    def phases(self, results: Sequence[RequestResult]) -> list[Phase]:
        """Combine the requests that were sent in each phase."""
        ends = [*(begin for _, begin in self.begins[1:]), float("inf")]
        spans = [(name, begin, end) for (name, begin), end in zip(self.begins, ends, strict=True)]
        # The first requests may have been sent just before the first phase began.
        spans[0] = (spans[0][0], 0.0, spans[0][2])
        return [
            Phase.of(name, [result for result in results if begin <= result.sent < end]) for name, begin, end in spans
        ]


def kill_one(checkpoint: Path, rate: float, seconds: float) -> list[Phase]:
    """Kill one of two Tritons under `rate` requests a second, and start it again. Raises `LoadFailed`."""

    def events(tritons: Sequence[TritonServer], timeline: Timeline, wait: Callable[[float], object]) -> None:
        wait(_LEAD)
        timeline.enter("one killed")
        tritons[0].stop(timeout=0)
        wait(_ABSENCE)
        tritons[0].start()
        timeline.enter("back")

    return _run(checkpoint, rate, seconds, events)


def restart_both(checkpoint: Path, rate: float, seconds: float) -> list[Phase]:
    """Restart both, one after the other; each has time to finish its open requests. Raises `LoadFailed`."""

    def events(tritons: Sequence[TritonServer], timeline: Timeline, wait: Callable[[float], object]) -> None:
        wait(_LEAD)
        timeline.enter("restarting")
        for triton in tritons:
            triton.stop()
            triton.start()
        timeline.enter("both new")

    return _run(checkpoint, rate, seconds, events)


def _run(
    checkpoint: Path,
    rate: float,
    seconds: float,
    events: Callable[[Sequence[TritonServer], Timeline, Callable[[float], object]], None],
) -> list[Phase]:
    timeline = Timeline()
    texts = Mix.read().deck(longest=_LONGEST)
    ended = threading.Event()
    with _two(checkpoint) as (tritons, url), ThreadPoolExecutor(1, "listeners") as executor:
        driver = SpeechDriver(url, "wav")
        driver.run(Load(clients=2), 4, texts)  # so that one-time work is not measured
        timeline.enter("both")
        listeners = executor.submit(driver.run, Load(rate=rate), round(rate * seconds), texts)
        listeners.add_done_callback(lambda _: ended.set())
        events(tritons, timeline, ended.wait)
        return timeline.phases(listeners.result())


@contextmanager
def _two(checkpoint: Path) -> Iterator[tuple[Sequence[TritonServer], str]]:
    """Two Tritons, which share this machine's cores, behind one proxy."""
    with ExitStack() as stack:
        environment = {"SOPRANO_THREADS": "1"}
        tritons = [stack.enter_context(our_triton(checkpoint, environment)) for _ in range(2)]
        url = stack.enter_context(our_proxy(",".join(triton.grpc_url for triton in tritons)))
        yield tritons, url


@dataclass(frozen=True)
class FailoverResults:
    """The phases of both scenarios."""

    facts: Facts
    requests_per_second: float
    scenarios: dict[str, list[Phase]]


_SCENARIOS = {"one of two is killed": kill_one, "both are restarted": restart_both}


def main(
    checkpoint: CheckpointOption = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second.")] = 1.0,
    seconds: Annotated[float, typer.Option(min=40.0, help="Of load, in each of the two runs.")] = 120.0,
    results: ResultsOption = RESULTS,
) -> None:
    """Put load on two Tritons behind one proxy, and report the statuses of the requests in each phase."""
    with experiment(), weights(checkpoint) as path:
        measured = {}
        for name, scenario in _SCENARIOS.items():
            say(name)
            measured[name] = scenario(path, rate, seconds)
    typer.echo(table(measured))
    facts = examine(EngineSettings().device, EngineSettings().dtype)
    end([save(results / "failover.json", FailoverResults(facts, rate, measured))])


def table(measured: dict[str, list[Phase]]) -> str:
    """Return the figures in Markdown."""
    rows = [_row(f"{name}: {phase.name}", phase) for name, phases in measured.items() for phase in phases]
    headings = ("", ">requests", ">spoken", ">refused", ">failed", ">first audio, s: p50, p99")
    return "\n".join(tables.table(headings, rows))


def _row(name: str, phase: Phase) -> tuple[str, ...]:
    first = f"{phase.first_audio.p50:.2f}, {phase.first_audio.p99:.2f}" if phase.first_audio else ""
    counts = (phase.spoken + phase.refused + phase.failed, phase.spoken, phase.refused, phase.failed)
    return (name, *map(str, counts), first)
