"""The open requests: how they arrive, and each way in which they end. Not thread-safe, but for `left`."""

import time
from collections import deque
from collections.abc import Callable

from engine.errors import Cancelled, EngineError, TimedOut
from engine.observations import Observations, Quantity
from engine.scheduling.deadline import FirstAudioDeadline
from engine.scheduling.queue_estimator import QueueEstimator
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.utterance import Utterance
from engine.speech import AudioSink
from engine.statistics import Counters


class Requests:
    """Adds requests to the scheduler and ends them; `on_closed` is called once for each that ends."""

    def __init__(
        self,
        scheduler: Scheduler,
        observations: Observations,
        on_closed: Callable[[], None],
        deadline: FirstAudioDeadline,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.counters = Counters()
        self.queue_estimator = QueueEstimator()
        self.deadline = deadline
        self._scheduler = scheduler
        self._observations = observations
        self._on_closed = on_closed
        self._clock = clock
        self._of_sink: dict[AudioSink, Utterance] = {}
        self._left: deque[AudioSink] = deque()

    def add(self, utterance: Utterance) -> None:
        """Add a request."""
        self.counters.requests += 1
        self._scheduler.add(utterance)
        self.deadline.add(utterance)
        self._of_sink[utterance.speech] = utterance
        if utterance.speech.left_at is not None:  # cancelled before it arrived here
            self._left.append(utterance.speech)

    def left(self, sink: AudioSink) -> None:
        """Note that the caller of a request has left: `drop` ends it. Thread-safe."""
        self._left.append(sink)

    def drop(self) -> None:
        """End the requests that were cancelled, and those without decoded audio at their deadline."""
        now = self._clock()
        while self._left:
            utterance = self._of_sink.get(self._left.popleft())
            if utterance is not None and utterance.speech.left_at is not None:
                self.counters.cancelled += 1
                self._end(utterance, Cancelled("the request was cancelled"))
                self._observations.note(Quantity.CANCEL, self._clock() - utterance.speech.left_at)
        for utterance in self.deadline.late(now):
            self.counters.timed_out += 1
            self._end(utterance, TimedOut(f"no audio was made within {self.deadline.seconds:g} s; try again later"))

    def fail(self, utterance: Utterance, error: EngineError) -> None:
        """End a request with an error."""
        self.counters.failed += 1
        self._end(utterance, error)

    def close(self, utterance: Utterance) -> None:
        """Free what a request has, before its caller sees the end, so that the next one finds it free."""
        utterance.closed = True
        if utterance.admitted and not utterance.request.whole:
            self.queue_estimator.observe(utterance.decoded_seconds)
        self._scheduler.remove(utterance)
        del self._of_sink[utterance.speech]
        self._on_closed()

    def _end(self, utterance: Utterance, error: EngineError) -> None:
        self.close(utterance)
        utterance.fail(error)
