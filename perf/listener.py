"""The listeners of many streams at once."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue

from engine.engine import Engine
from engine.request import SamplingParameters, SpeechRequest
from engine.speech import SAMPLE_RATE, Speech
from perf.stream import Arrival, Stream

SAMPLING = SamplingParameters(retries=0)
"""Upstream's defaults: it makes no second try either."""


@dataclass
class _Trace:
    sent: float
    arrivals: list[Arrival] = field(default_factory=list)


class Listener:
    """Sends requests and takes their chunks as they come, all in one thread, as a server would."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._traces: list[_Trace] = []
        self._ended = 0
        self._ready: SimpleQueue[tuple[_Trace, Speech] | None] = SimpleQueue()

    @property
    def streams(self) -> list[Stream]:
        """What was heard, in the order of sending."""
        return [Stream(trace.sent, tuple(trace.arrivals)) for trace in self._traces]

    @property
    def all_ended(self) -> bool:
        """Whether everything sent so far has been heard to its end."""
        return self._ended == len(self._traces)

    @property
    def fewest_chunks(self) -> int:
        """Chunks of the stream that has had the fewest."""
        return min(len(trace.arrivals) for trace in self._traces)

    def send(self, texts: Sequence[str]) -> None:
        """Send one request after the other, without waiting."""
        for text in texts:
            trace = _Trace(time.perf_counter())
            self._traces.append(trace)
            self._engine.submit(SpeechRequest(text, SAMPLING), on_ready=partial(self._announce, trace))

    def listen(self, until: Callable[[], bool]) -> None:
        """Take chunks until `until()`, which is asked after each. Raises the `EngineError` that ended a request."""
        while not until():
            ready = self._ready.get()
            if ready is not None:
                self._take(*ready)

    def listen_while_sending(self, texts: Sequence[str]) -> None:
        """Send `texts` from another thread, so that nobody waits for it, and listen to the end of everything."""
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(self.send, texts)
            sending.add_done_callback(lambda _: self._ready.put(None))
            self.listen(until=lambda: sending.done() and self.all_ended)
            sending.result()

    def _announce(self, trace: _Trace, speech: Speech) -> None:
        self._ready.put((trace, speech))

    def _take(self, trace: _Trace, speech: Speech) -> None:
        while (chunk := speech.take()) is not None:
            steps = self._engine.statistics().counters.steps
            trace.arrivals.append(Arrival(time.perf_counter(), len(chunk.samples) / SAMPLE_RATE, steps))
            self._ended += chunk.final
