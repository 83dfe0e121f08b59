"""Text in, audio out, with the engine in a supervised child process that is restarted. Loads no PyTorch.

The interface is that of `engine.engine.Engine`, for servers. Texts are prepared in child processes too, so that no
request can hold the GIL of the server process, or crash the engine for good.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from engine.engine_process import EngineDied, EngineProcess
from engine.errors import Cancelled, EngineError, EngineFailed, EngineUnavailable, Quarantined, TimedOut, of_text
from engine.messages import Begun, FromEngine, ReaderState, Ready, Report, StartFailed, Submit
from engine.observations import Observations, Quantity
from engine.request import SpeechRequest
from engine.scheduling.admission import Admission
from engine.scheduling.queue_estimator import Load
from engine.settings import EngineSettings
from engine.speech import Speech
from engine.statistics import Counters, Statistics
from ipc.fork_server import ForkServer
from text.errors import TextError
from text.preparation import PreparedSentence
from text.worker import PreparationResult, TextJob
from text.worker_pool import TextWorkers

_TICK = 0.25  # seconds between two checks of whether the engine is alive
_MAX_DEATHS = 2  # of the engine during one request, after which the request is refused
_LONGEST_PAUSE = 30.0  # seconds between two starts of an engine that dies before it emits audio
_START_GUESS = 5.0  # seconds that a start takes, before any was measured
_START_DEADLINE = 120.0  # seconds for a restart, when nothing has to be downloaded

_log = logging.getLogger(__name__)


@dataclass
class _OpenRequest:
    """An open request."""

    number: int
    request: SpeechRequest
    speech: Speech
    arrived: float
    sentences: list[PreparedSentence] | None = None  # None until the text is prepared
    begun: bool = False  # whether the current engine has worked on it
    has_emitted: bool = False  # whether any of its audio has reached the caller
    deaths: int = 0  # engines that died after they had begun it

    @property
    def is_stream(self) -> bool:
        return not self.request.whole


@dataclass
class _Running:
    """The current engine."""

    process: EngineProcess
    load: Load = field(default_factory=lambda: Load(streams=0, stream_capacity=1, departure_interval=0.0))
    streams_sent: int = 0
    streams_received: int = 0


class EngineClient:
    """Speaks many requests at once in an engine process. Thread-safe.

    The thread `engine-supervisor` starts the process and receives its messages; the constructor waits until the engine
    is ready, and raises `CheckpointError` or `InvalidSettings`. An engine that dies, or whose loop sends nothing for
    `engine_deadline` seconds, is replaced: requests without emitted audio wait for the next engine, all others end with
    `EngineUnavailable`. A request ends with `Quarantined` when two engines have died while they spoke it. If the
    supervisor itself fails, all requests end with `EngineFailed` and `on_failure` is called.
    """

    def __init__(self, settings: EngineSettings, on_failure: Callable[[], None] = lambda: None) -> None:
        self.settings = settings
        self._on_failure = on_failure
        self.observations = Observations()
        self._admission = Admission(settings.max_requests, settings.max_wait)
        self._lock = threading.Lock()
        self._open: dict[int, _OpenRequest] = {}
        self._next_number = 0
        self._running: _Running | None = None
        self._statistics = Statistics()  # the last that the engine reported
        self._base_counters = Counters()  # the sums of all earlier engines, and events counted here
        self._restarts = 0
        self._failed_starts = 0  # since an engine last emitted audio
        self._restart_expected_at = 0.0  # when the next engine is expected to be ready, by `time.monotonic`
        self._start_seconds = _START_GUESS
        self._closing = threading.Event()
        self._texts = TextWorkers(max_queued=settings.max_requests, lexicon=settings.read_lexicon())
        started: Future[Ready] = Future()
        self._supervisor = threading.Thread(
            target=self._supervise, args=(started,), name="engine-supervisor", daemon=True
        )
        self._supervisor.start()
        try:
            ready = started.result()
        except BaseException:
            self.close()
            raise
        self.checkpoint = ready.checkpoint
        self._tokenizer, self._vocab_size = ready.tokenizer, ready.vocab_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def engine_pid(self) -> int | None:
        """The process id of the engine; None while it is being replaced."""
        running = self._running
        return running.process.pid if running else None

    def submit(
        self,
        request: SpeechRequest,
        on_ready: Callable[[Speech], None] | None = None,
        arrived: float | None = None,
    ) -> Speech:
        """Start a request; returns at once. `on_ready` is called when its `Speech` has something to take.

        Deadlines and measurements count from `arrived` (a `time.perf_counter` value, by default now). A request without
        audio after `first_audio_deadline` seconds ends with `TimedOut`, a text that cannot be spoken with
        `InvalidText`. Raises `Overloaded`, `EngineUnavailable` after a failed restart until the next one succeeds, and
        `EngineFailed` after `close`.
        """
        arrived = time.perf_counter() if arrived is None else arrived
        self._require_engine()
        self._admission.enter(0.0 if request.whole else self._wait())
        with self._lock:
            number = self._next_number
            self._next_number += 1
            speech = Speech(lambda speech: self._tell_reader_state(number, speech), on_ready)
            # Only the text workers need the lexicon; it may be longer than the text.
            opened = self._open[number] = _OpenRequest(number, replace(request, lexicon=()), speech, arrived)
        options = request.reading_options(plain=self.settings.plain)
        job = TextJob(request.text, self._tokenizer, self._vocab_size, self.settings.max_characters, options)
        try:
            self._texts.submit(job, lambda: speech.cancelled, lambda result: self._take_prepared(opened, result))
        except TextError as error:
            self._forget(opened)
            raise of_text(error) from error
        return speech

    def statistics(self) -> Statistics:
        """Return the state of the current engine, and the counters of all engines since the start."""
        return replace(
            self._statistics,
            open_requests=self._admission.open,
            rejected=self._admission.rejected,
            restarts=self._restarts,
            counters=self._base_counters + self._statistics.counters,
        )

    def close(self) -> None:
        """End the processes and threads; open requests end with `Cancelled`. Safe to call more than once."""
        self._closing.set()
        self._supervisor.join()
        self._texts.close()
        self._end_all(Cancelled("the engine was stopped"))

    # Called on callers' threads and on those of the text workers.

    def _require_engine(self) -> None:
        if self._closing.is_set():
            raise EngineFailed("the engine has stopped; restart the server")
        if self._failed_starts and self._running is None:
            raise EngineUnavailable(
                "the engine died and is starting again", self._restart_expected_at - time.monotonic()
            )

    def _wait(self) -> float:
        """Return the estimated seconds until a new stream becomes active."""
        with self._lock:
            running = self._running
            if running is None:
                return 0.0
            preparing = sum(each.is_stream and each.sentences is None for each in self._open.values())
            return running.load.wait(preparing + running.streams_sent - running.streams_received)

    def _take_prepared(self, opened: _OpenRequest, result: PreparationResult) -> None:
        if isinstance(result, TextError):
            self._end(opened, of_text(result))
            return
        with self._lock:
            opened.sentences = result
            if self._running is not None and opened.number in self._open:
                _submit(self._running, opened)

    def _tell_reader_state(self, number: int, speech: Speech) -> None:
        """Send the engine what the reader has taken, or end a cancelled request that the engine does not have yet."""
        with self._lock:
            opened = self._open.get(number)
            if opened is None:
                return
            if opened.sentences is not None and self._running is not None:
                self._running.process.send(ReaderState(number, speech.taken_samples, speech.left_at))
                return
        if speech.left_at is not None and self._forget(opened):
            with self._lock:
                self._base_counters.cancelled += 1
            self.observations.note(Quantity.CANCEL, time.perf_counter() - speech.left_at)
            speech.fail(Cancelled("the request was cancelled"))

    def _end(self, opened: _OpenRequest, error: EngineError) -> None:
        if self._forget(opened):
            opened.speech.fail(error)

    def _end_all(self, error: EngineError) -> None:
        for opened in list(self._open.values()):
            self._end(opened, error)

    def _forget(self, opened: _OpenRequest) -> bool:
        """Remove a request, before its caller sees the end; return whether it was open."""
        with self._lock:
            known = self._open.pop(opened.number, None) is not None
        if known:
            self._admission.leave()
        return known

    # Called on the supervisor's thread.

    def _supervise(self, started: "Future[Ready]") -> None:
        try:
            with closing(ForkServer("engine.process", self.settings.engine_deadline)) as forks:
                process, ready = self._first_process(forks)
                started.set_result(ready)
                self._keep_running(process, forks, replace(self.settings, checkpoint=str(ready.directory)))
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
                return
            _log.exception("the supervisor of the engine failed")
            self._closing.set()
            self._end_all(EngineFailed("the engine failed; restart the server and see its log"))
            self._on_failure()

    def _first_process(self, forks: ForkServer) -> tuple[EngineProcess, Ready]:
        """Return a process that has taken over, and what it says of itself. Raises its error."""
        process = EngineProcess(forks.fork())
        try:
            ready = self._start(process, self.settings)
        except BaseException:
            process.kill()
            raise
        self._activate(process)
        return process, ready

    def _keep_running(self, process: EngineProcess, forks: ForkServer, settings: EngineSettings) -> None:
        """Run a process, and replacements for it, until the client closes."""
        while (problem := self._run(process)) is not None:
            process.kill()
            self._note_death(problem)
            process = self._replacement(forks, settings)
        process.close()

    def _start(self, process: EngineProcess, settings: EngineSettings, deadline: float = math.inf) -> Ready:
        """Wait until a process is ready. Raises its error, or `EngineFailed` if it dies or is too slow."""
        began = time.monotonic()
        try:
            process.begin(settings)
            while not self._closing.is_set():
                match process.receive(_TICK):
                    case Ready() as ready:
                        self._start_seconds = time.monotonic() - began
                        return ready
                    case StartFailed(error):
                        raise error
                self._end_late()
                if time.monotonic() - began > deadline:
                    raise EngineFailed(f"the engine was not ready within {deadline:g} s")
        except EngineDied as death:
            raise EngineFailed(f"the engine ended while it was starting, {death}; see the server's log") from death
        raise EngineFailed("the engine was stopped while it was starting")

    def _run(self, process: EngineProcess) -> str | None:
        """Receive a process's messages; return why it has to be replaced, or None once the client closes."""
        last_message = last_tick = time.monotonic()
        while not self._closing.is_set():
            polled = time.monotonic()
            try:
                message = process.receive(_TICK)
                if message is not None:
                    self._take(message)
            except EngineDied as death:
                return f"ended {death}"
            except Exception as error:  # its message cannot be read
                _log.exception("a message of the engine cannot be read")
                return f"sent a message that cannot be read ({error!r})"
            now = time.monotonic()
            # A late poll means that this thread did not run, for example on a paused machine: nor did the engine.
            if message is not None or now - polled > 4 * _TICK:
                last_message = now
            elif now - last_message > self.settings.engine_deadline:
                return f"was silent for {now - last_message:.1f} s"
            if now - last_tick > _TICK:
                last_tick = now
                self._end_late()
        return None

    def _activate(self, process: EngineProcess) -> None:
        """Make a process the current engine, and send it the open requests."""
        with self._lock:
            self._running = running = _Running(process)
            for opened in self._open.values():
                if opened.sentences is not None:
                    _submit(running, opened)

    def _take(self, message: FromEngine) -> None:
        match message:
            case Begun(numbers):
                for number in numbers:
                    if opened := self._open.get(number):
                        opened.begun = True
            case Report():
                self._take_report(message)
            case _:
                raise ValueError(f"unexpected message from a running engine: {message!r}")

    def _take_report(self, report: Report) -> None:
        running = self._running
        if running is not None:
            running.load, running.streams_received = report.load, report.streams_received
        self._statistics = report.statistics
        for quantity, value in report.observations:
            self.observations.note(quantity, value)
        for number, chunk in report.chunks:
            if opened := self._open.get(number):
                self._failed_starts = 0
                opened.has_emitted = True
                if chunk.final:
                    self._forget(opened)
                opened.speech.put(chunk)
        for number, error in report.errors:
            if opened := self._open.get(number):
                self._end(opened, error)

    def _note_death(self, problem: str) -> None:
        """End the requests that cannot be tried again, and add the death to those that the engine had begun."""
        _log.error("the engine %s; it is replaced", problem)
        with self._lock:
            self._running = None
            self._base_counters += self._statistics.counters
            self._statistics = Statistics(slots=self._statistics.slots)
            self._restarts += 1
            self._restart_expected_at = time.monotonic() + self._start_seconds
            requests = list(self._open.values())
        for opened in requests:
            opened.deaths += opened.begun
            opened.begun = False
            if opened.has_emitted:
                self._base_counters.failed += 1
                self._end(opened, EngineUnavailable("the engine died while it spoke this text", self._start_seconds))
            elif opened.deaths >= _MAX_DEATHS:
                self._base_counters.quarantined += 1
                self._end(opened, Quarantined("the engine died twice while it spoke this text; it is not tried again"))

    def _replacement(self, forks: ForkServer, settings: EngineSettings) -> EngineProcess:
        """Return a process that is the current engine; failed starts are repeated after growing pauses."""
        deadline = max(_START_DEADLINE, 4 * self._start_seconds)
        process = EngineProcess(forks.fork())
        while not self._closing.is_set():
            try:
                self._start(process, settings, deadline)
            except EngineError as error:
                if self._closing.is_set():
                    break
                _log.error("%s", error)
                process.kill()
                self._pause()
                process = EngineProcess(forks.fork())
            else:
                self._activate(process)
                _log.warning("the engine is back after %.1f s", self._start_seconds)
                break
        return process

    def _pause(self) -> None:
        self._failed_starts += 1
        pause = min(_LONGEST_PAUSE, 2.0 ** (self._failed_starts - 1))
        self._restart_expected_at = time.monotonic() + pause + self._start_seconds
        until = time.monotonic() + pause
        while time.monotonic() < until and not self._closing.wait(_TICK):
            self._end_late()

    def _end_late(self) -> None:
        """End requests that miss their deadline here; the engine does so for the requests that it has."""
        now = time.perf_counter()
        for opened in list(self._open.values()):
            waits = opened.sentences is None or self._running is None
            if waits and not opened.has_emitted and now - opened.arrived > self.settings.first_audio_deadline:
                self._base_counters.timed_out += 1
                seconds = self.settings.first_audio_deadline
                self._end(opened, TimedOut(f"no audio was made within {seconds:g} s; try again later"))


def _submit(running: _Running, opened: _OpenRequest) -> None:
    running.streams_sent += opened.is_stream
    running.process.send(Submit(opened.number, opened.request, opened.sentences or [], opened.arrived))
    if opened.speech.cancelled:  # before the engine had the request
        running.process.send(ReaderState(opened.number, opened.speech.taken_samples, opened.speech.left_at))
