"""What the engine's own code costs, on a device that computes nothing, and what it would leave of a fast device."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import torch
import typer

from engine.checkpoint.synthetic import write_synthetic
from engine.request import SpeechRequest
from engine.scheduling.sequence import Sequence
from engine.scheduling.utterance import Utterance
from engine.speech import SAMPLE_RATE, AudioSink, Speech
from measuring.command import say
from measuring.host import Facts, OtherLoad, examine
from measuring.verdicts import Verdict, at_least, at_most
from perf.command import RESULTS, ResultsOption, end, experiment, warn
from perf.load_generators.core_load import Listener, hear
from perf.load_generators.speech_load import LoadFailed
from perf.measurements import STALL, Percentiles
from perf.null_device import FUSED, MEASURED, DeviceCost, NullEngine, null_engine
from perf.report import tables
from perf.report.results import save
from text.sentences import Sentence

_PROMPT_TOKENS = 68
_LENGTHS = (40, 160)  # states of a sentence
_SENTENCES = 4  # of a listener's text
_STREAMS = 1000
_LISTENING = 10.0  # seconds
_SPREAD = 2.0  # seconds in which the first texts begin
_IDLE = 0.0005  # seconds to wait if every listener has enough audio
_WARM_UP = 30  # steps of the engine's loop
_LOOP_ROWS = 1024
_LOOP_TIMES = 200


@dataclass(frozen=True)
class HostPoint:
    """The cost of the host at a number of slots; a step is a decode step."""

    slots: int
    open_requests: int
    busy_rows: float
    microseconds: float
    """For each decode step."""
    audio_calls: float
    """Decoder calls for each turn of the engine's loop."""
    loops: float
    """The time of a decode step in times of a fixed loop in NumPy, which does not depend on the machine as much."""


@dataclass(frozen=True)
class SimulatedPoint:
    """A batch of whole clips on a device that is a clock."""

    cost: str
    slots: int
    clips: int
    times_real_time: float
    device_busy: float
    """The share of the time in which the device works."""


@dataclass(frozen=True)
class SimulatedStreams:
    """Listeners who hear one text after the other in real time, on a device that is a clock."""

    cost: str
    slots: int
    at_once: int
    first_audio: Percentiles
    stalled: int
    """Of all texts, those with more than `STALL` of silence."""
    host_busy: float
    """The share of the time in which the host works."""


@dataclass(frozen=True)
class HostResults:
    """The measurements."""

    facts: Facts
    other_load: float
    points: list[HostPoint]
    simulated: list[SimulatedPoint]
    streams: list[SimulatedStreams]


class Callers:
    """Keeps a number of whole clips open, and takes each one as soon as it is made."""

    def __init__(self, engine: NullEngine, seed: int = 0) -> None:
        self._engine = engine
        self._random = Random(seed)  # noqa: S311 - lengths, not secrets
        self._open: list[Speech] = []

    def submit(self, count: int) -> None:
        """Open `count` requests of one sentence."""
        for _ in range(count):
            speech = Speech(lambda _: None)
            _add(self._engine, self._random, speech, sentences=1, whole=True)
            self._open.append(speech)

    def take(self) -> int:
        """Take what was made; return how many requests have ended."""
        for speech in self._open:
            while speech.take() is not None:
                pass
        before = len(self._open)
        self._open = [speech for speech in self._open if not speech.ended]
        return before - len(self._open)


def _add(engine: NullEngine, random: Random, sink: AudioSink, *, sentences: int, whole: bool) -> None:
    """Open a request."""
    request = SpeechRequest("text", whole=whole)
    sequences = [
        Sequence(
            request,
            index,
            Sentence("text", 0, 4),
            [3, 1, *(random.randrange(1000, 1060) for _ in range(_PROMPT_TOKENS - 3)), 2],
        )
        for index in range(sentences)
    ]
    clock = engine.execution.clock
    engine.core.add(Utterance(request, sequences, sink, 30.0, clock.now() if clock.cost else time.perf_counter()))


def measure_host(checkpoint: Path, slots: int, waiting: int, turns: int) -> HostPoint:
    """Measure the steady state with `slots` busy and `waiting` queued."""
    random = Random(0)  # noqa: S311 - lengths, not secrets
    engine = null_engine(checkpoint, slots, lambda _: random.randint(*_LENGTHS))
    callers = Callers(engine)
    callers.submit(slots + waiting)
    times: list[float] = []
    counters = engine.core.statistics(open_requests=0, rejected=0).counters
    calls = rows = 0
    for turn in range(_WARM_UP + turns):
        if turn == _WARM_UP:
            counters = engine.core.statistics(open_requests=0, rejected=0).counters
            calls = engine.execution.audio_calls
        begun = time.thread_time()
        engine.core.step()
        if turn >= _WARM_UP:
            times.append(time.thread_time() - begun)
            rows += engine.scheduler.active_slots
        callers.submit(callers.take())
    steps = engine.core.statistics(open_requests=0, rejected=0).counters.steps - counters.steps
    seconds = sum(times) / steps
    return HostPoint(
        slots,
        slots + waiting,
        rows / turns,
        seconds * 1e6,
        (engine.execution.audio_calls - calls) / turns,
        seconds / numpy_loop(),
    )


def simulate(checkpoint: Path, name: str, cost: DeviceCost, slots: int, clips: int) -> SimulatedPoint:
    """Speak `clips` whole clips that arrive at once."""
    engine = null_engine(checkpoint, slots, lambda prompt: int(1.5 * len(prompt.tokens)), cost)
    callers = Callers(engine)
    callers.submit(clips)
    clock = engine.execution.clock
    begun, busy = clock.now(), clock.busy
    while engine.scheduler.utterances:
        engine.core.step()
    seconds = clock.now() - begun
    audio = engine.core.statistics(open_requests=0, rejected=0).counters.audio_samples / SAMPLE_RATE
    return SimulatedPoint(name, slots, clips, audio / seconds, (clock.busy - busy) / seconds)


def listen(checkpoint: Path, name: str, cost: DeviceCost, slots: int, at_once: int, seconds: float) -> SimulatedStreams:
    """Let `at_once` listeners hear texts of some sentences; the first ones begin within `_SPREAD` seconds.

    Raises `LoadFailed`.
    """
    random = Random(0)  # noqa: S311 - lengths, not secrets
    engine = null_engine(checkpoint, slots, lambda _: random.randint(*_LENGTHS), cost)
    clock = engine.execution.clock
    host = 0.0

    def begin() -> Listener:
        listener = Listener(plays=True, clock=clock.now)
        _add(engine, random, listener, sentences=_SENTENCES, whole=False)
        return listener

    def turn() -> None:
        nonlocal host
        before = time.thread_time()
        if not engine.core.step():
            clock.sleep(_IDLE)
        host += time.thread_time() - before

    listeners = hear(begin, turn, clock.now, at_once=at_once, spread=_SPREAD, seconds=seconds)
    streams = [each.stream for each in listeners if each.arrivals]
    stalled = sum(stream.stall > STALL for stream in streams)
    first_audio = Percentiles.of([stream.first_audio for stream in streams])
    if first_audio is None:
        raise LoadFailed(f"nothing was heard in {seconds:g} s; listen longer")
    return SimulatedStreams(name, slots, at_once, first_audio, stalled, host / seconds)


def numpy_loop() -> float:
    """Return the median seconds of a fixed piece of work in NumPy."""
    counts, marks = np.arange(_LOOP_ROWS), np.arange(_LOOP_ROWS) % 3 == 0
    times = []
    for _ in range(_LOOP_TIMES):
        begun = time.thread_time()
        for _ in range(10):
            counts = np.where(marks, counts + 1, counts)
            counts[np.flatnonzero(marks)] -= 1
        times.append(time.thread_time() - begun)
    return statistics.median(times)


def main(
    slots: Annotated[list[int], typer.Option(min=1, help="May be given several times.")] = [64, 256, 1024],  # noqa: B006
    turns: Annotated[int, typer.Option(min=1, help="Turns of the engine's loop for each figure.")] = 100,
    results: ResultsOption = RESULTS,
) -> None:
    """Measure the engine's own code on a device that computes nothing, and on one that is a clock."""
    meanwhile = OtherLoad()
    torch.set_num_threads(1)
    with experiment(), tempfile.TemporaryDirectory() as directory:
        checkpoint = Path(directory) / "tiny"
        write_synthetic(checkpoint, "tiny")
        points, simulated = [], []
        for number in slots:
            say(f"{number} slots")
            points += [measure_host(checkpoint, number, waiting, turns) for waiting in (number, 8 * number)]
            for name, cost in (("measured", MEASURED), ("fused", FUSED)):
                simulated += [simulate(checkpoint, name, cost, number, clips) for clips in (number, 4 * number)]
        say(f"{_STREAMS} listeners")
        streams = [
            listen(checkpoint, name, cost, max(slots), _STREAMS, _LISTENING)
            for name, cost in (("measured", MEASURED), ("fused", FUSED))
        ]
    measured = HostResults(examine("cpu", "auto"), meanwhile.cores(), points, simulated, streams)
    typer.echo("\n".join(_tables(measured)))
    warn(measured.other_load, quick=False)
    end([save(results / "host.json", measured)])


def judge(results: HostResults) -> Iterator[Verdict]:
    """Judge a run on a quiet machine."""
    for point in results.points:
        if point.slots == 1024 and point.open_requests == 2048:
            yield at_most("1,024 busy rows: ≤ 300 µs a step", point.microseconds, 300.0, "{:.0f}")
        yield at_most(f"{point.slots} slots: decoder calls a turn", point.audio_calls, 1.0, "{:.2f}")
    for simulated in results.simulated:
        if (simulated.cost, simulated.slots, simulated.clips) == ("fused", 1024, 4096):
            target = "fused kernels, 1,024 slots: ≥ 15,000 times real time"
            yield at_least(target, simulated.times_real_time, 15_000, "{:,.0f}")
    for streams in results.streams:
        device = f"{streams.cost}, {streams.at_once:,} listeners"
        yield at_most(f"{device}: p99 of first audio ≤ 100 ms", streams.first_audio.p99 * 1000, 100.0, "{:.0f}")
        yield at_most(f"{device}: stalls", streams.stalled, 0, "{:.0f}")


def _tables(results: HostResults) -> Iterator[str]:
    points = [
        (
            *(str(point.slots), str(point.open_requests), f"{point.busy_rows:.0f}", f"{point.microseconds:.0f}"),
            *(f"{point.audio_calls:.2f}", f"{point.loops:.2f}"),
        )
        for point in results.points
    ]
    headings = (">slots", ">open requests", ">busy", ">µs a step", ">decoder calls a turn", ">in NumPy loops")
    yield tables.titled_table("The host", headings, points)
    simulated = [
        (each.cost, str(each.slots), str(each.clips), f"{each.times_real_time:,.0f}", f"{each.device_busy:.0%}")
        for each in results.simulated
    ]
    columns = ("device", ">slots", ">clips", ">times real time", ">device busy")
    yield tables.titled_table("On a device that is a clock", columns, simulated)
    streams = [
        (
            *(each.cost, str(each.slots), str(each.at_once), f"{each.first_audio.p50 * 1000:.0f} ms"),
            *(f"{each.first_audio.p99 * 1000:.0f} ms", str(each.stalled), f"{each.host_busy:.0%}"),
        )
        for each in results.streams
    ]
    heard = ("device", ">slots", ">listeners", ">first audio, p50", ">p99", ">stalls", ">host busy")
    yield tables.titled_table("Listeners on such a device", heard, streams)
    verdicts = [(each.target, each.value, each.outcome) for each in judge(results)]
    yield tables.titled_table("Targets", ("", ">measured", ""), verdicts)
