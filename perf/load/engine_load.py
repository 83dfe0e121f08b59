"""Load on the bare engine, in its own process: what everything above it is measured against."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from queue import SimpleQueue

from engine.engine import Engine
from engine.errors import EngineError, Overloaded
from engine.request import SpeechRequest
from engine.settings import EngineSettings
from engine.speech import SAMPLE_RATE, Speech
from perf.load.arrivals import arrival_times
from perf.load.load import Load
from perf.load.outcome import Fate, Outcome
from perf.stream import Arrival, Stream


class EngineLoad:
    """An engine and its callers, as `perf.worker.Worker` keeps them in a process of their own."""

    def __init__(self, checkpoint: str, environment: Mapping[str, str]) -> None:
        """Load a checkpoint; `environment` are SOPRANO_ variables for the engine."""
        self._engine = Engine(EngineSettings.from_environment({**environment, "SOPRANO_CHECKPOINT": checkpoint}))

    def run(
        self, load: Load, requests: int, texts: Sequence[str], *, whole: bool = False, seed: int = 0
    ) -> list[Outcome]:
        """Send so many requests, which say `texts` in turn, and listen to all of them to the end."""
        callers = _Callers(self._engine, whole=whole)
        said = list(islice(cycle(texts), requests))
        if load.clients is not None:
            return callers.call_in_turn(load.clients, said)
        return callers.call_at(arrival_times(load.rate or 0.0, seed), said)


@dataclass
class _Call:
    sent: float
    arrivals: list[Arrival] = field(default_factory=list)


class _Callers:
    """Takes chunks as they come, all in one thread, as a server would."""

    def __init__(self, engine: Engine, *, whole: bool) -> None:
        self._engine = engine
        self._whole = whole
        self._ready: SimpleQueue[tuple[_Call, Speech] | Outcome] = SimpleQueue()

    def call_in_turn(self, clients: int, texts: Sequence[str]) -> list[Outcome]:
        """Keep `clients` requests open until every text has been said."""
        for text in texts[:clients]:
            self._call(text)
        left = iter(texts[clients:])
        outcomes: list[Outcome] = []
        while len(outcomes) < len(texts):
            for outcome in self._next():
                outcomes.append(outcome)
                for text in islice(left, 1):
                    self._call(text)
        return outcomes

    def call_at(self, times: Iterator[float], texts: Sequence[str]) -> list[Outcome]:
        """Send every text at its time, in seconds from now, from a thread that waits for no answer."""
        outcomes: list[Outcome] = []
        with ThreadPoolExecutor(1, thread_name_prefix="arrivals") as pool:
            sending = pool.submit(self._send_all, times, texts)
            while len(outcomes) < len(texts):
                outcomes.extend(self._next())
            sending.result()
        return outcomes

    def _send_all(self, times: Iterator[float], texts: Sequence[str]) -> None:
        begun = time.perf_counter()
        for at, text in zip(times, texts, strict=False):
            time.sleep(max(0.0, begun + at - time.perf_counter()))
            self._call(text)

    def _call(self, text: str) -> None:
        call = _Call(time.perf_counter())
        try:
            request = SpeechRequest(text, whole=self._whole)
            self._engine.submit(request, on_ready=partial(self._announce, call), arrived=call.sent)
        except Overloaded:
            self._ready.put(Outcome(call.sent, time.perf_counter(), Fate.REFUSED))

    def _announce(self, call: _Call, speech: Speech) -> None:
        self._ready.put((call, speech))

    def _next(self) -> Iterator[Outcome]:
        """Wait for something and yield the outcome of what has ended with it."""
        ready = self._ready.get()
        if isinstance(ready, Outcome):
            yield ready
            return
        call, speech = ready
        try:
            while (chunk := speech.take()) is not None:
                call.arrivals.append(Arrival(time.perf_counter(), len(chunk.samples) / SAMPLE_RATE))
                if chunk.final:
                    stream = Stream(call.sent, tuple(call.arrivals))
                    yield Outcome(call.sent, stream.ended, Fate.SPOKEN, stream)
        except EngineError:
            yield Outcome(call.sent, time.perf_counter(), Fate.FAILED)
