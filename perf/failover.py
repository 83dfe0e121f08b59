"""What listeners notice of a Triton that is killed, and of Tritons that are restarted, where two share the work."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from launch.triton.server import TritonServer
from perf.load.drivers import SpeechDriver
from perf.load.level import Percentiles
from perf.load.load import Load
from perf.load.mix import Mix
from perf.load.outcome import Fate, Outcome
from perf.load.servers import our_proxy, our_triton

_LONGEST = 400  # characters: texts long enough to be cut in the middle, and short enough for many of them
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
    def of(cls, name: str, outcomes: Sequence[Outcome]) -> "Phase":
        """Sum them up."""
        streams = [outcome.stream for outcome in outcomes if outcome.stream is not None]
        return cls(
            name=name,
            spoken=sum(outcome.fate is Fate.SPOKEN for outcome in outcomes),
            refused=sum(outcome.fate is Fate.REFUSED for outcome in outcomes),
            failed=sum(outcome.fate is Fate.FAILED for outcome in outcomes),
            first_audio=Percentiles.of([stream.first_audio for stream in streams]),
        )


@dataclass
class Timeline:
    """When the phases of a run began, by `time.perf_counter`, which all processes of a machine share."""

    begins: list[tuple[str, float]] = field(default_factory=list)

    def enter(self, name: str) -> None:
        """Begin a phase, which ends the one before."""
        self.begins.append((name, time.perf_counter()))

    def phases(self, outcomes: Sequence[Outcome]) -> list[Phase]:
        """Sum up the requests that were sent in each of them."""
        ends = [*(begin for _, begin in self.begins[1:]), float("inf")]
        spans = [(name, begin, end) for (name, begin), end in zip(self.begins, ends, strict=True)]
        # The first requests may be a moment older than the first phase.
        spans[0] = (spans[0][0], 0.0, spans[0][2])
        return [
            Phase.of(name, [outcome for outcome in outcomes if begin <= outcome.sent < end])
            for name, begin, end in spans
        ]


def kill_one(checkpoint: Path, rate: float, seconds: float) -> list[Phase]:
    """Kill one of two Tritons under so many requests a second, and start it again. Raises `LoadFailed`."""

    def events(tritons: Sequence[TritonServer], timeline: Timeline, wait: Callable[[float], object]) -> None:
        wait(_LEAD)
        timeline.enter("one killed")
        tritons[0].stop(timeout=0)
        wait(_ABSENCE)
        tritons[0].start()
        timeline.enter("back")

    return _run(checkpoint, rate, seconds, events)


def restart_both(checkpoint: Path, rate: float, seconds: float) -> list[Phase]:
    """Restart one after the other, each with time to finish what it is saying. Raises `LoadFailed`."""

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
        driver.run(Load(clients=2), 4, texts)  # what is set up once is set up by this
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
