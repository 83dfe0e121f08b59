"""The engine's step: schedule, read prompts, run a beat, take in what it made. Not thread-safe, but for `left`."""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from collections.abc import Sequence as Listing
from dataclasses import dataclass, replace

from engine.errors import EngineError, EngineFailed, EngineUnavailable, NoAudio
from engine.model.sentence_table import Ending
from engine.observations import Observations, Quantity
from engine.runtime.model_runner import Beat, Prompt, Runner
from engine.scheduling.audio_output import AudioOutput
from engine.scheduling.beat_length import BeatLength, Listener
from engine.scheduling.capacity_model import CapacityModel
from engine.scheduling.deadline import NEVER, FirstAudioDeadline
from engine.scheduling.queue_estimator import Load
from engine.scheduling.requests import Requests
from engine.scheduling.scheduler import Plan, PromptChunk, Scheduler
from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.step_cost import StepCost
from engine.scheduling.utterance import Utterance
from engine.settings import LONGEST_CHUNK_WAIT
from engine.speech import AudioSink, Flag
from engine.statistics import Statistics

_SPEAKING = (Stage.GENERATING, Stage.DRAINING)
_MIN_STATES = 2  # N states give (N - 1) * 2048 samples

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Beat:
    """A beat that has been started, and the attempts that its rows belong to."""

    rows: list[tuple[Sequence, int, Utterance]]
    started: Beat


class EngineCore:
    """Joins the scheduler, which knows requests, and the runner, which knows tensors.

    A beat may be read while the next one runs (`Execution.lag`): what it made for a sentence that has ended or begun
    anew since is dropped. `on_closed` is called once for every request that ends, with or without an error. `on_begun`
    is called before a beat with the requests that this beat is the first to work on. A request without decoded audio
    ends with `TimedOut` `first_audio_deadline` seconds after its arrival. `arrived` tells whether a request
    has come in or was cancelled: on a CPU, a beat ends early then.

    A step that raises on a CPU ends those of its requests that have emitted audio. The others are restarted once, one
    at a time and in runner calls of their own, so that a request that raises again ends alone. On a GPU the error is
    raised to the caller: after a CUDA error the process cannot continue.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        runner: Runner,
        on_closed: Callable[[], None],
        on_begun: Callable[[Collection[Utterance]], None] = lambda _: None,
        arrived: Callable[[], bool] = lambda: False,
        first_audio_deadline: float = NEVER,
        chunk_wait: float = LONGEST_CHUNK_WAIT,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._scheduler = scheduler
        self._runner = runner
        self._on_begun = on_begun
        self._arrived = arrived
        self._clock = clock
        self.observations = Observations()
        self._requests = Requests(
            scheduler, self.observations, on_closed, FirstAudioDeadline(first_audio_deadline), clock
        )
        self._output = AudioOutput(self._requests, self.observations, chunk_wait, clock)
        self._beat_length = BeatLength(runner.execution.beats, runner.decoder.first_states, chunk_wait)
        self._counters = self._requests.counters
        self._beats: deque[_Beat] = deque()
        runner.warm_up()
        self._capacity_model = CapacityModel(StepCost(runner.measure_steps()))
        self._update_capacity()

    def add(self, utterance: Utterance) -> None:
        """Add a request."""
        self._requests.add(utterance)

    def left(self, sink: AudioSink) -> None:
        """Note that the caller of a request has left. Thread-safe."""
        self._requests.left(sink)

    @property
    def seconds_to_deadline(self) -> float:
        """Seconds until a step has work without a message; infinity if it never has."""
        return min(self._requests.deadline.next, self._output.next_due) - self._clock()

    def step(self) -> bool:
        """Do one step; return False if there was nothing to do."""
        try:
            return self._step()
        except Exception as error:
            if self._runner.execution.lag or not self._scheduler.running:
                raise
            self._recover(error)
            return True

    def _step(self) -> bool:
        begun = self._clock()
        self._requests.drop()
        self._output.emit_waiting(self._capacity_model.step_seconds)
        schedule = self._scheduler.schedule(
            self._capacity_model.prompt_tokens(
                self._scheduler.prefill_tokens, self._least_buffered(begun, if_not_started=NEVER)
            ),
            self._capacity_model.rows(self._least_buffered(begun, if_not_started=0.0)),
            self._capacity_model.stream_capacity(),
        )
        plan, suspect_plan = schedule.split(self._scheduler.suspect)
        before_prompts = self._clock()
        self._note_admitted(schedule.prefill, before_prompts)
        started = self._prefill(plan.prefill)
        prompt_seconds = self._clock() - before_prompts
        works = bool(schedule.prefill or schedule.decode or self._beats)  # what a beat has made may need work
        beat = self._start_beat(plan.decode + started)
        lag = self._runner.execution.lag if beat else 0
        while len(self._beats) > lag:
            self._take_in(self._beats.popleft())
        if beat:
            prompt_tokens = sum(chunk.end - chunk.begin for chunk in plan.prefill)
            step_seconds = (self._clock() - begun - prompt_seconds) / beat.started.steps
            self._capacity_model.observe(step_seconds, prompt_seconds, prompt_tokens, len(beat.rows))
        works = self._step_suspect(suspect_plan) or works
        self._update_capacity()
        return works

    def _step_suspect(self, plan: Plan) -> bool:
        """Run the suspect request, which was part of a step that raised; return whether there was anything to do."""
        suspect = self._scheduler.suspect
        if suspect is None:
            return False
        try:
            if beat := self._start_beat(plan.decode + self._prefill(plan.prefill)):
                self._take_in(self._beats.pop())
            return beat is not None or bool(plan.prefill)
        except Exception:
            _log.exception("a step with a single request failed; the request is ended")
            self._counters.step_failures += 1
            self._beats.clear()
            if not suspect.closed:
                self._requests.fail(
                    suspect, EngineFailed("a step failed twice with this request; see the server's log")
                )
            return True

    def _recover(self, error: Exception) -> None:
        """Restore a consistent state after a step that raised: end or restart its requests, and free their slots."""
        involved = dict.fromkeys(self._scheduler.running.values())
        _log.error(
            "a step with %d requests failed; those without emitted audio are restarted", len(involved), exc_info=error
        )
        self._counters.step_failures += 1
        self._beats.clear()
        for utterance in involved:
            if utterance.has_emitted or utterance.suspect:
                self._requests.fail(
                    utterance, EngineUnavailable("the engine failed while it spoke this text", retry_after=1)
                )
            else:  # from its beginning, alone
                self._scheduler.remove(utterance)
                utterance.restart()
                utterance.suspect = True
                self._scheduler.add(utterance)

    def end_all(self, error: EngineError) -> None:
        """End every request with `error`."""
        for utterance in self._scheduler.utterances:
            self._requests.fail(utterance, error)

    def load(self) -> Load:
        """Return the number of streams, the capacity, and how fast streams end. Thread-safe."""
        seconds = self._requests.queue_estimator.stream_seconds
        streams = self._scheduler.active_streams + self._scheduler.waiting_streams
        return Load(streams, self._stream_capacity, seconds / self._times_real_time)

    def statistics(self, *, open_requests: int, rejected: int) -> Statistics:
        """Return a snapshot. Thread-safe."""
        return Statistics(
            slots=self._scheduler.slots,
            active_slots=self._scheduler.active_slots,
            open_requests=open_requests,
            waiting_requests=self._scheduler.waiting,
            active_streams=self._scheduler.active_streams,
            stream_capacity=self._stream_capacity,
            rejected=rejected,
            counters=replace(self._counters),
        )

    def _update_capacity(self) -> None:
        """Update the stream capacity, and the speed at that capacity in multiples of real time."""
        self._stream_capacity = min(self._capacity_model.stream_capacity(), self._scheduler.slots)
        self._times_real_time = self._capacity_model.times_real_time(self._stream_capacity)

    def _note_admitted(self, chunks: Listing[PromptChunk], now: float) -> None:
        """Report the requests that have their first slot now, and record how long they were queued."""
        begun = [self._scheduler.running[chunk.sequence] for chunk in chunks if chunk.starts_request]
        for utterance in begun:
            self.observations.note(Quantity.QUEUE, now - utterance.arrived)
        self._on_begun(begun)

    # What a beat works on

    def _least_buffered(self, now: float, if_not_started: float) -> float:
        """Return the seconds of the shortest playback buffer of all active streams; infinity if there are none.

        A stream that has not emitted audio counts as having `if_not_started` seconds. Such streams need short steps,
        but their prompts must not be delayed, since they wait for them.
        """
        heads = ((utterance, utterance.head) for utterance in self._scheduler.streams)
        speaking = (owner for owner, head in heads if head is not None and head.stage is Stage.GENERATING)
        return min(
            (each.playback_end - now if each.has_emitted else if_not_started for each in speaking), default=NEVER
        )

    def _prefill(self, chunks: Listing[PromptChunk]) -> list[Sequence]:
        """Read prompts; return the sentences whose prompts have been read to the end."""
        if not chunks:
            return []
        self._runner.prefill([_prompt(chunk) for chunk in chunks])
        started = [chunk.sequence for chunk in chunks if chunk.end == len(chunk.sequence.prompt)]
        for sequence in started:
            sequence.stage = Stage.GENERATING
        return started

    def _start_beat(self, sequences: list[Sequence]) -> _Beat | None:
        if not sequences:
            return None
        running = self._scheduler.running
        rows = [(sequence, sequence.attempt, running[sequence]) for sequence in sequences]
        steps = self._beat_length.steps(self._listeners(), self._capacity_model.step_seconds)
        started = self._runner.beat([sequence.slot for sequence in sequences], steps, self._arrived)
        self._counters.steps += started.steps
        for sequence in sequences:
            sequence.decoded += started.steps
        self._beats.append(beat := _Beat(rows, started))
        return beat

    def _listeners(self) -> Iterator[Listener]:
        now = self._clock()
        for utterance in self._scheduler.streams:
            head = utterance.head
            if head is not None and head.stage in _SPEAKING and not utterance.reader_lags:
                yield Listener(head.decoded, utterance.playback_end - now if utterance.has_emitted else None)

    # What a beat has made

    def _take_in(self, beat: _Beat) -> None:
        heard: dict[Utterance, None] = {}
        tokens = 0
        for (sequence, attempt, utterance), row in zip(beat.rows, beat.started.read(), strict=True):
            if sequence.slot < 0 or sequence.attempt != attempt:  # ended, or begun anew, since the beat was started
                continue
            tokens += row.states - sequence.states
            sequence.states = row.states
            if row.ending and sequence.stage is Stage.GENERATING:
                if not self._is_kept(sequence, utterance, row.ending):
                    continue
                sequence.stage = Stage.DRAINING
            if len(row.audio):
                utterance.add_audio(sequence, row.audio)
            if row.complete:
                sequence.stage = Stage.FINISHED
                self._scheduler.release(sequence)
            if row.complete or not utterance.request.whole:
                heard[utterance] = None
        self._counters.tokens += tokens
        for utterance in heard:
            if not utterance.closed:
                self._output.emit(utterance, self._capacity_model.step_seconds)

    def _is_kept(self, sequence: Sequence, utterance: Utterance, ending: int) -> bool:
        """Whether a sentence that has ended is heard: one that failed is tried again if retries are left."""
        self._counters.tokens += ending == Ending.END_TOKEN
        good = ending == Ending.END_TOKEN and sequence.states >= _MIN_STATES
        if not good and sequence.may_retry:
            self._counters.retries += 1
            utterance.retry(sequence)
            return False
        if sequence.states < _MIN_STATES:
            self._skip(sequence, utterance)
            return False
        if not good:
            self._flag(sequence, utterance, Flag.TRUNCATED)
            self._counters.truncated += 1
        return True

    def _skip(self, sequence: Sequence, utterance: Utterance) -> None:
        """Skip a sentence for which the model made no sound; if all sentences are silent, the request fails."""
        self._flag(sequence, utterance, Flag.SILENT)
        self._counters.silent += 1
        self._scheduler.release(sequence)
        sequence.states = 0
        sequence.stage = Stage.FINISHED
        if utterance.complete and not utterance.has_decoded:
            error = NoAudio("the model made no sound for this text; try another seed or more retries")
            self._requests.fail(utterance, error)
        else:
            self._output.emit(utterance, self._capacity_model.step_seconds)

    def _flag(self, sequence: Sequence, utterance: Utterance, flag: Flag) -> None:
        # Log its number only: texts are private.
        _log.warning("sentence %d of %d is %s", sequence.index + 1, len(utterance.sequences), flag.value)
        sequence.flag = flag


def _prompt(chunk: PromptChunk) -> Prompt:
    sequence = chunk.sequence
    return Prompt(
        sequence.slot,
        sequence.prompt,
        chunk.begin,
        chunk.end,
        sequence.sampling,
        sequence.seed,
        sequence.token_limit,
        guarded=sequence.request.sampling.retries > 0,  # upstream does not check either if there are no retries
    )
