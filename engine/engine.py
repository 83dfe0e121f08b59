"""Text in, audio out, in one process: the engine's interface, and the thread that runs it.

with Engine(EngineSettings(checkpoint="…")) as engine:
    for chunk in engine.submit(SpeechRequest("Hello there.")):
        play(chunk.samples)

Servers run the engine in a child process instead (`engine.client`).
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from engine.errors import Cancelled, EngineError, EngineFailed, of_text
from engine.loading import LoadedEngine, load_engine
from engine.request import SpeechRequest
from engine.runtime.execution import Execution
from engine.scheduling.admission import Admission
from engine.settings import EngineSettings
from engine.speech import Speech
from engine.statistics import Statistics
from text.errors import TextError
from text.preparation import PreparedSentence, prepare

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Arrival:
    request: SpeechRequest
    sentences: list[PreparedSentence]
    speech: Speech
    arrived: float


class Engine:
    """Speaks many requests at once on one copy of the weights. Thread-safe.

    The constructor loads the checkpoint and raises `CheckpointError` or `InvalidSettings`. All computation runs on one
    thread, `engine`, until `close`. If that thread fails, open requests end with `EngineFailed` and `on_failure` is
    called once. `execution` says how steps are run; by default the device decides.
    """

    def __init__(
        self,
        settings: EngineSettings,
        on_failure: Callable[[], None] | None = None,
        execution: Execution | None = None,
    ) -> None:
        self.settings = settings
        self._on_failure = on_failure
        self._admission = Admission(settings.max_requests, settings.max_wait)
        self._lexicon = settings.read_lexicon()
        self._changed = threading.Condition()
        self._woken = False
        self._interrupts = False  # whether a request has arrived or was cancelled: what readers take ends no beat
        self._closing = False
        self._failed = False
        self._arrivals: list[_Arrival] = []
        loading: Future[LoadedEngine] = Future()
        self._thread = threading.Thread(target=self._run, args=(loading, execution), name="engine", daemon=True)
        self._thread.start()
        try:
            loaded = loading.result()
        except BaseException:
            self.close()
            raise
        self.checkpoint = loaded.checkpoint.name
        self.observations = loaded.core.observations
        self._tokenizer = loaded.checkpoint.tokenizer
        self._core = loaded.core

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(
        self,
        request: SpeechRequest,
        on_ready: Callable[[Speech], None] | None = None,
        arrived: float | None = None,
    ) -> Speech:
        """Start a request; its text is normalised and split on the calling thread.

        `on_ready` is called when the `Speech` has something to take. Deadlines and measurements count from `arrived` (a
        `time.perf_counter` value, by default now). A request without audio after `first_audio_deadline` seconds ends
        with `TimedOut`. Raises `InvalidText`, `Overloaded` or, after a failure or `close`, `EngineFailed`.
        """
        arrived = time.perf_counter() if arrived is None else arrived
        self._require_running()
        self._admission.enter(0.0 if request.whole else self._core.load().wait(len(self._arrivals)))
        try:
            speech = Speech(self._wake, on_ready)
            sentences = self._prepare(request)
            with self._changed:
                self._require_running()
                self._arrivals.append(_Arrival(request, sentences, speech, arrived))
                self._interrupts = True
        except BaseException:
            self._admission.leave()
            raise
        self._wake(speech)
        return speech

    def _prepare(self, request: SpeechRequest) -> list[PreparedSentence]:
        options = request.reading_options(plain=self.settings.plain)
        options = replace(options, lexicon=options.lexicon + self._lexicon)
        try:
            return prepare(request.text, self._tokenizer, self.settings.max_characters, options)
        except TextError as error:
            raise of_text(error) from error

    def statistics(self) -> Statistics:
        """Return the engine's state, and its counters since the start."""
        return self._core.statistics(open_requests=self._admission.open, rejected=self._admission.rejected)

    def close(self) -> None:
        """Stop the thread; open requests end with `Cancelled`. Safe to call more than once."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _require_running(self) -> None:
        if self._closing or self._failed:
            raise EngineFailed("the engine has stopped; restart the server")

    def _wake(self, speech: Speech) -> None:
        if speech.cancelled:
            self._core.left(speech)
        with self._changed:
            self._woken = True
            self._interrupts = self._interrupts or speech.cancelled
            self._changed.notify()

    # Called on the engine's thread.

    def _run(self, loading: "Future[LoadedEngine]", execution: Execution | None) -> None:
        try:
            loaded = load_engine(
                self.settings,
                execution=execution,
                on_closed=self._admission.leave,
                arrived=lambda: self._interrupts,
            )
        except BaseException as error:
            loading.set_exception(error)
            return
        loading.set_result(loaded)
        busy = False
        try:
            while self._receive(loaded, busy=busy):
                busy = loaded.core.step()
        except Exception:
            _log.exception("the engine failed and stops")
            self._stop(loaded, EngineFailed("the engine failed; restart the server and see its log"))
            if self._on_failure is not None:
                self._on_failure()
        else:
            self._stop(loaded, Cancelled("the engine was stopped"))

    def _receive(self, loaded: LoadedEngine, *, busy: bool) -> bool:
        """Wait until a step may have work, then receive new requests; return False once the engine closes."""
        # Queued requests need a wake-up at their deadline: every stream with a slot may be paused by its reader.
        timeout = min(loaded.core.seconds_to_deadline, threading.TIMEOUT_MAX)
        with self._changed:
            self._changed.wait_for(lambda: busy or self._woken or self._closing, timeout)
            self._woken = self._interrupts = False
        self._take_in(loaded)
        return not self._closing

    def _stop(self, loaded: LoadedEngine, error: EngineError) -> None:
        """End all open requests and refuse new ones."""
        self._failed = True
        self._take_in(loaded)
        loaded.core.end_all(error)

    def _take_in(self, loaded: LoadedEngine) -> None:
        with self._changed:
            arrivals, self._arrivals = self._arrivals, []
        for each in arrivals:
            loaded.add(each.request, each.sentences, each.speech, each.arrived)
