"""Text in, audio out: the engine's own small interface, and the thread that drives it.

with Engine(EngineSettings(checkpoint="…")) as engine:
    for chunk in engine.submit(SpeechRequest("Hello there.")):
        play(chunk.samples)
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import torch

from engine.checkpoint import Checkpoint, load
from engine.checkpoint_files import resolve
from engine.cores import usable_cores
from engine.cuda_graphs import CudaGraphExecution
from engine.errors import Cancelled, EngineError, EngineFailed, Overloaded
from engine.execution import EagerExecution, Execution
from engine.request import SpeechRequest
from engine.runner import Runner
from engine.scheduler import Scheduler
from engine.sequence import MAX_NEW_TOKENS, Sequence
from engine.settings import EngineSettings
from engine.speech import Speech
from engine.statistics import Statistics
from engine.stepper import Stepper
from engine.text import LONGEST_SENTENCE, split_sentences
from engine.utterance import Utterance

_log = logging.getLogger(__name__)

_PROMPT_FRAME = 3  # [STOP][TEXT] … [START]


@dataclass(frozen=True)
class _Loaded:
    checkpoint: Checkpoint
    stepper: Stepper


class Engine:
    """Speaks many requests at once on one copy of the weights. Every method is safe to call from any thread.

    Loads the checkpoint when constructed (`CheckpointError`, `InvalidSettings`) and runs one thread, `engine`, until
    `close`; all that computes runs there. If that thread fails, everything open ends with `EngineFailed` and
    `on_failure` is called once. How a step is run follows from the device, unless an `execution` is given.
    """

    def __init__(
        self,
        settings: EngineSettings,
        on_failure: Callable[[], None] | None = None,
        execution: Execution | None = None,
    ) -> None:
        self.settings = settings
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._woken = False
        self._closing = False
        self._failed = False
        self._arrivals: list[Utterance] = []
        self._open = 0
        self._rejected = 0
        loading: Future[_Loaded] = Future()
        self._thread = threading.Thread(target=self._run, args=(loading, execution), name="engine", daemon=True)
        self._thread.start()
        try:
            loaded = loading.result()
        except BaseException:
            self.close()
            raise
        self.checkpoint = loaded.checkpoint.name
        self.observations = loaded.stepper.observations
        self._tokenizer = loaded.checkpoint.tokenizer
        self._stepper = loaded.stepper

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
        """Start speaking; the text is normalised and split in the calling thread.

        Deadlines and measurements count from `arrived`, by `time.perf_counter`; from now, if left out. A request that
        has no audio at `first_audio_deadline` ends with `TimedOut`.
        Raises `InvalidText`, `Overloaded` or, after a failure or `close`, `EngineFailed`.
        """
        arrived = time.perf_counter() if arrived is None else arrived
        self._enter(request)
        try:
            speech = Speech(self._wake, on_ready)
            utterance = Utterance(request, self._sequences(request), speech, self.settings.buffered_seconds, arrived)
            with self._changed:
                self._require_running()
                self._arrivals.append(utterance)
        except BaseException:
            self._leave()
            raise
        self._wake()
        return speech

    def statistics(self) -> Statistics:
        """Return what the engine is doing now and what it has done since it started."""
        with self._changed:
            return self._stepper.statistics(open_requests=self._open, rejected=self._rejected)

    def close(self) -> None:
        """Stop the thread; whatever is open ends with `Cancelled`. Safe to call more than once."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _enter(self, request: SpeechRequest) -> None:
        """Take one of the places for open requests."""
        with self._changed:
            self._require_running()
            if self._open >= self.settings.max_requests:
                self._rejected += 1
                raise Overloaded(f"{self._open} requests are open, as many as may be; try again later")
            wait = 0.0 if request.whole else self._stepper.wait(len(self._arrivals))
            if wait > self.settings.max_wait:
                self._rejected += 1
                raise Overloaded(f"a stream would wait {wait:.0f} s for its turn; try again later")
            self._open += 1

    def _leave(self) -> None:
        with self._changed:
            self._open -= 1

    def _require_running(self) -> None:
        if self._closing or self._failed:
            raise EngineFailed("the engine has stopped; restart the server")

    def _sequences(self, request: SpeechRequest) -> list[Sequence]:
        sentences = split_sentences(request.text, max_characters=self.settings.max_characters)
        return [
            Sequence(request, index, sentence, self._tokenizer.prompt(sentence.text))
            for index, sentence in enumerate(sentences)
        ]

    def _wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify()

    # The engine's thread.

    def _run(self, loading: "Future[_Loaded]", execution: Execution | None) -> None:
        # Loading belongs to this thread too: every thread that computes gets an OpenMP team of its own, and with more
        # threads than cores libgomp puts the idle ones to sleep at once, which halves the speed of every step.
        try:
            loaded = self._load(execution)
        except BaseException as error:
            loading.set_exception(error)
            return
        loading.set_result(loaded)
        stepper = loaded.stepper
        try:
            while self._receive(stepper):
                if stepper.step():
                    self._wake()
        except Exception:
            _log.exception("the engine failed and stops")
            self._stop(stepper, EngineFailed("the engine failed; restart the server and see its log"))
            if self._on_failure is not None:
                self._on_failure()
        else:
            self._stop(stepper, Cancelled("the engine was stopped"))

    def _load(self, execution: Execution | None) -> "_Loaded":
        settings = self.settings
        torch.set_num_threads(settings.threads or usable_cores())
        device = settings.torch_device()
        dtype = settings.torch_dtype(device)
        # Without it, cuDNN rounds what it convolves to the ten bits of TF32, and who asks for float32 wants more.
        torch.backends.cudnn.allow_tf32 = False
        checkpoint = load(resolve(settings.checkpoint), dtype=dtype, device=device)
        runner = Runner(
            checkpoint,
            slots=settings.slots,
            max_prompt=LONGEST_SENTENCE + _PROMPT_FRAME,
            max_new=MAX_NEW_TOKENS,
            dtype=dtype,
            execution=execution or _execution(device),
        )
        scheduler = Scheduler(settings.slots, settings.prefill_tokens)
        stepper = Stepper(
            scheduler,
            runner,
            on_closed=self._leave,
            first_audio_deadline=settings.first_audio_deadline,
            chunk_wait=settings.chunk_wait,
        )
        return _Loaded(checkpoint, stepper)

    def _receive(self, stepper: Stepper) -> bool:
        """Wait until there may be something to do; return whether to go on."""
        # Requests may wait for a slot while every stream that has one pauses for its reader.
        timeout = min(stepper.seconds_to_deadline, threading.TIMEOUT_MAX)
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._closing, timeout)
            self._woken = False
            arrivals, self._arrivals = self._arrivals, []
        for utterance in arrivals:
            stepper.add(utterance)
        return not self._closing

    def _stop(self, stepper: Stepper, error: EngineError) -> None:
        """End everything that is open, and let nothing in any more."""
        with self._changed:
            self._failed = True
            arrivals, self._arrivals = self._arrivals, []
        for utterance in arrivals:
            stepper.add(utterance)
        stepper.end_all(error)


def _execution(device: torch.device) -> Execution:
    return CudaGraphExecution(device) if device.type == "cuda" else EagerExecution()
