"""The engine's step: schedule, run the model, process its tokens, decode audio, emit it. Not thread-safe."""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from collections.abc import Sequence as Listing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import Cancelled, EngineError, EngineFailed, EngineUnavailable, NoAudio, TimedOut
from engine.model.decoder import UNKNOWN_LENGTH
from engine.observations import Observations, Quantity
from engine.runtime.model_runner import Audio, DecoderInput, Prompt, Runner, SampledTokens
from engine.scheduling.audio_plan import AudioPlan
from engine.scheduling.capacity_model import CapacityModel
from engine.scheduling.deadline import FirstAudioDeadline
from engine.scheduling.queue_estimator import Load, QueueEstimator
from engine.scheduling.scheduler import Plan, PromptChunk, Scheduler
from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.slot_table import NEVER, SlotTable
from engine.scheduling.step_cost import StepCost
from engine.scheduling.utterance import Utterance
from engine.settings import LONGEST_CHUNK_WAIT
from engine.speech import Flag, pcm16
from engine.statistics import Counters, Statistics

_INPUT_STATES = 8  # states of the decoder input whose cost is measured at the start
_STEPS_AHEAD = 4  # steps that the first audio of a stream lasts at least
_MIN_STATES = 2  # N states give (N - 1) * 2048 samples
_BACKGROUND_STATES = 64  # decoded in one step for sentences that are not urgent

_log = logging.getLogger(__name__)


@dataclass
class _PendingTokens:
    """Tokens that are being copied to the host, and the attempts that they belong to."""

    slots: NDArray[np.int64]
    attempt_ids: NDArray[np.int64]
    read: Callable[[], SampledTokens]


@dataclass(frozen=True)
class _InputOwner:
    """The attempt that a decoder input belongs to."""

    sequence: Sequence
    utterance: Utterance
    attempt: int
    last: bool  # whether the input completes the sentence


@dataclass(frozen=True)
class _PendingAudio:
    """Audio that is being copied to the host, and the owner of each decoder input."""

    owners: list[_InputOwner]
    read: Callable[[], Audio]


class EngineCore:
    """Joins the scheduler, which knows requests, and the runner, which knows tensors.

    Results may be read some steps late (`Execution.lag`). Tokens that a row sampled after the end of its sentence are
    dropped; the attempt id tells a slot's new owner from the previous one. `on_closed` is called once for every request
    that ends, with or without an error. `on_begun` is called before a step with the requests that this step is the
    first to work on. A request without decoded audio ends with `TimedOut` `first_audio_deadline` seconds after its
    arrival. With `quantise`, decoded audio is 16-bit PCM.

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
        first_audio_deadline: float = NEVER,
        chunk_wait: float = LONGEST_CHUNK_WAIT,
        clock: Callable[[], float] = time.perf_counter,
        *,
        quantise: bool = False,
    ) -> None:
        self._scheduler = scheduler
        self._quantise = quantise
        self._runner = runner
        self._plan = AudioPlan.of(runner.decoder, chunk_wait)
        self._on_closed = on_closed
        self._on_begun = on_begun
        self._deadline = FirstAudioDeadline(first_audio_deadline)
        self._clock = clock
        self._table = SlotTable(scheduler.slots)
        self._tokens: deque[_PendingTokens] = deque()
        self._samples: deque[_PendingAudio] = deque()
        self._counters = Counters()
        self.observations = Observations()
        self._active_slots = 0
        self._waiting = 0
        self._active_streams = 0
        runner.warm_up(self._plan.sizes)
        self._capacity_model = CapacityModel(StepCost(runner.measure_steps(_INPUT_STATES)))
        self._queue_estimator = QueueEstimator()
        self._streams = 0
        self._update_capacity()

    def add(self, utterance: Utterance) -> None:
        """Add a request."""
        self._counters.requests += 1
        self._streams += not utterance.request.whole
        self._scheduler.add(utterance)
        self._deadline.add(utterance)

    @property
    def seconds_to_deadline(self) -> float:
        """Seconds until the next deadline; infinity if there is none."""
        return self._deadline.next - self._clock()

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
        self._drop_cancelled()
        self._drop_late(begun)
        schedule = self._scheduler.schedule(
            self._capacity_model.prompt_tokens(
                self._scheduler.prefill_tokens, self._least_buffered(begun, if_not_started=NEVER)
            ),
            self._capacity_model.rows(self._least_buffered(begun, if_not_started=0.0)),
            self._capacity_model.stream_capacity(),
        )
        plan, suspect_plan = schedule.split(self._scheduler.suspect)
        for first, second in plan.swaps:
            self._swap(first, second)
        earlier = len(self._tokens)
        before_prompts = self._clock()
        self._note_admitted(schedule.prefill, before_prompts)
        self._prefill(plan.prefill)
        prompt_seconds = self._clock() - before_prompts
        self._decode(plan.decode)
        works = bool(schedule.prefill or schedule.decode)
        lags = works and self._runner.execution.lag > 0
        for _ in range(earlier if lags else len(self._tokens)):
            self._take_tokens(self._tokens.popleft())
        works = self._decode_audio() or works or bool(self._tokens)
        if plan.decode:
            prompt_tokens = sum(chunk.end - chunk.begin for chunk in plan.prefill)
            step_seconds = self._clock() - begun - prompt_seconds
            self._capacity_model.observe(step_seconds, prompt_seconds, prompt_tokens, len(plan.decode))
        works = self._step_suspect(suspect_plan) or works
        self._counters.steps += 1
        self._publish()
        return works

    def _step_suspect(self, plan: Plan) -> bool:
        """Run the suspect request, which was part of a step that raised; return whether there was anything to do."""
        suspect = self._scheduler.suspect
        if suspect is None:
            return False
        try:
            self._prefill(plan.prefill)
            self._decode(plan.decode)
            while self._tokens:
                self._take_tokens(self._tokens.popleft())
            return self._decode_audio(of_suspect=True) or bool(plan.prefill or plan.decode)
        except Exception:
            _log.exception("a step with a single request failed; the request is ended")
            self._counters.step_failures += 1
            self._tokens.clear()
            self._samples.clear()
            if not suspect.closed:
                self._fail(suspect, EngineFailed("a step failed twice with this request; see the server's log"))
            return True

    def _recover(self, error: Exception) -> None:
        """Restore a consistent state after a step that raised: end or restart its requests, and free their slots."""
        involved = dict.fromkeys(self._scheduler.running.values())
        _log.error(
            "a step with %d requests failed; those without emitted audio are restarted", len(involved), exc_info=error
        )
        self._counters.step_failures += 1
        self._tokens.clear()
        self._samples.clear()
        for utterance in involved:
            if utterance.has_emitted or utterance.suspect:
                self._fail(utterance, EngineUnavailable("the engine failed while it spoke this text", retry_after=1))
            else:
                self._suspect(utterance)
        self._publish()

    def _suspect(self, utterance: Utterance) -> None:
        """Restart a request from its beginning, to run alone."""
        self._free_slots(utterance)
        self._scheduler.remove(utterance)
        utterance.restart()
        utterance.suspect = True
        self._scheduler.add(utterance)

    def end_all(self, error: EngineError) -> None:
        """End every request with `error`."""
        for utterance in self._scheduler.utterances:
            self._fail(utterance, error)
        self._publish()

    def load(self) -> Load:
        """Return the number of streams, the capacity, and how fast streams end. Thread-safe."""
        return Load(self._streams, self._stream_capacity, self._queue_estimator.stream_seconds / self._times_real_time)

    def statistics(self, *, open_requests: int, rejected: int) -> Statistics:
        """Return a snapshot. Thread-safe."""
        return Statistics(
            slots=self._scheduler.slots,
            active_slots=self._active_slots,
            open_requests=open_requests,
            waiting_requests=self._waiting,
            active_streams=self._active_streams,
            stream_capacity=self._stream_capacity,
            rejected=rejected,
            counters=replace(self._counters),
        )

    def _publish(self) -> None:
        # Copied as plain numbers, because other threads read them while the scheduler changes its collections.
        self._active_slots = self._scheduler.active_slots
        self._waiting, streams_waiting = self._scheduler.count_waiting()
        self._update_capacity()
        self._active_streams = self._scheduler.active_streams
        self._streams = self._active_streams + streams_waiting

    def _drop_cancelled(self) -> None:
        for utterance in self._scheduler.utterances:
            left_at = utterance.speech.left_at
            if left_at is not None:
                self._counters.cancelled += 1
                self._end(utterance, Cancelled("the request was cancelled"))
                self.observations.note(Quantity.CANCEL, self._clock() - left_at)

    def _drop_late(self, now: float) -> None:
        """End the requests without decoded audio at their deadline."""
        for utterance in self._deadline.late(self._scheduler.utterances, now):
            self._counters.timed_out += 1
            self._end(utterance, TimedOut(f"no audio was made within {self._deadline.seconds:g} s; try again later"))

    def _note_admitted(self, chunks: Listing[PromptChunk], now: float) -> None:
        """Report the requests that have their first slot now, and record how long they were queued."""
        begun = [self._scheduler.running[chunk.sequence] for chunk in chunks if chunk.starts_request]
        for utterance in begun:
            self.observations.note(Quantity.QUEUE, now - utterance.arrived)
        self._on_begun(begun)

    # Prompts and tokens

    def _least_buffered(self, now: float, if_not_started: float) -> float:
        """Return the seconds of the shortest playback buffer of all active streams; infinity if there are none.

        A stream that has not emitted audio counts as having `if_not_started` seconds. Such streams need short steps,
        but their prompts must not be delayed, since they wait for them.
        """
        table = self._table
        buffered = np.where(table.playback_end == NEVER, if_not_started, table.playback_end - now)
        return float(np.where(table.urgent & table.generating, buffered, NEVER).min())

    def _update_capacity(self) -> None:
        """Update the stream capacity, and the speed at that capacity in multiples of real time."""
        self._stream_capacity = min(self._capacity_model.stream_capacity(), self._scheduler.slots)
        self._times_real_time = self._capacity_model.times_real_time(self._stream_capacity)

    def _swap(self, first: int, second: int) -> None:
        self._runner.swap(first, second)
        self._table.swap(first, second)
        for pending in self._tokens:
            was_first, was_second = pending.slots == first, pending.slots == second
            pending.slots[was_first], pending.slots[was_second] = second, first

    def _prefill(self, chunks: Listing[PromptChunk]) -> None:
        if not chunks:
            return
        read = self._runner.prefill([_prompt(chunk) for chunk in chunks])
        started = [chunk.sequence for chunk in chunks if chunk.end == len(chunk.sequence.prompt)]
        for sequence in started:
            utterance = self._scheduler.running[sequence]
            sequence.stage = Stage.GENERATING
            self._table.begin(
                sequence,
                min_states=self._plan.first_states,
                urgent=utterance.is_urgent(sequence),
                playback_end=utterance.playback_end or NEVER,
            )
        self._await_tokens(started, read)

    def _decode(self, sequences: Listing[Sequence]) -> None:
        if sequences:
            self._await_tokens(sequences, self._runner.decode([sequence.slot for sequence in sequences]))

    def _await_tokens(self, sequences: Listing[Sequence], read: Callable[[], SampledTokens]) -> None:
        slots = np.array([sequence.slot for sequence in sequences], dtype=np.int64)
        self._tokens.append(_PendingTokens(slots, self._table.attempt_id[slots], read))

    def _take_tokens(self, pending: _PendingTokens) -> None:
        table, sampled = self._table, pending.read()
        valid = (table.attempt_id[pending.slots] == pending.attempt_ids) & table.generating[pending.slots]
        ended = valid & (sampled.tokens == self._runner.eos_token)
        grown = valid & ~ended
        self._counters.tokens += int(valid.sum())
        slots = pending.slots[grown]
        table.states[slots] += 1
        hallucinates = table.guard.observe(slots, sampled.distances[grown]) & table.guarded[slots]
        wrong = slots[hallucinates | (table.states[slots] == table.limit[slots])]
        for slot in pending.slots[ended]:
            self._end_sentence(slot, good=bool(table.states[slot] >= _MIN_STATES))
        for slot in wrong:
            self._end_sentence(slot, good=False)

    def _end_sentence(self, slot: int, *, good: bool) -> None:
        """End a sentence; one that failed is tried again if retries are left, and else ends here."""
        sequence = self._table.sequences[slot]
        if sequence is None:  # an earlier row of this step has ended the request
            return
        utterance = self._scheduler.running[sequence]
        if not good and sequence.may_retry:
            self._counters.retries += 1
            self._table.clear(slot)
            utterance.retry(sequence)
        elif self._table.states[slot] < _MIN_STATES:
            self._skip(sequence, utterance)
        else:
            if not good:
                self._flag(sequence, utterance, Flag.TRUNCATED)
                self._counters.truncated += 1
            sequence.stage = Stage.DRAINING
            self._table.drain(slot)

    def _skip(self, sequence: Sequence, utterance: Utterance) -> None:
        """Skip a sentence for which the model made no sound; if all sentences are silent, the request fails."""
        self._flag(sequence, utterance, Flag.SILENT)
        self._counters.silent += 1
        self._table.clear(sequence.slot)
        self._scheduler.release(sequence)
        sequence.states = 0
        sequence.stage = Stage.FINISHED
        if utterance.complete and not utterance.has_decoded:
            self._fail(utterance, NoAudio("the model made no sound for this text; try another seed or more retries"))
        else:
            self._emit(utterance)

    def _flag(self, sequence: Sequence, utterance: Utterance, flag: Flag) -> None:
        # Log its number only: texts are private.
        _log.warning("sentence %d of %d is %s", sequence.index + 1, len(utterance.sequences), flag.value)
        sequence.flag = flag

    # Audio

    def _decode_audio(self, *, of_suspect: bool = False) -> bool:
        """Decode the inputs that are due and emit their audio; return whether there was anything to do.

        Covers only the suspect request if `of_suspect`, else all others.
        """
        works = bool(self._samples)
        while self._samples:  # launched in an earlier step
            self._take_samples(self._samples.popleft())
        counts = np.where(self._is_suspect() == of_suspect, self._plan.counts(self._table, self._clock()), 0)
        for slots in (self._urgent(counts), self._background(counts)):
            for count in np.unique(counts[slots]):
                self._feed(slots[counts[slots] == count], int(count))
                works = True
                if not self._runner.execution.lag:
                    self._take_samples(self._samples.popleft())
        return works

    def _is_suspect(self) -> NDArray[np.bool_]:
        """Return a mask of the slots of the suspect request."""
        marked = np.zeros(self._scheduler.slots, dtype=np.bool_)
        if self._scheduler.suspect is not None:
            marked[[each.slot for each in self._scheduler.suspect.sequences if each.slot >= 0]] = True
        return marked

    def _urgent(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the urgent slots to decode, the stream with the earliest end of playback first."""
        slots = np.flatnonzero((counts > 0) & self._table.urgent)
        return slots[np.argsort(self._table.playback_end[slots], kind="stable")]

    def _background(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the other slots to decode, ended sentences first, and no more states than are generated."""
        slots = np.flatnonzero((counts > 0) & ~self._table.urgent)
        slots = slots[np.argsort(~self._table.draining[slots], kind="stable")]
        most = max(_BACKGROUND_STATES, int(self._table.generating.sum()))
        return slots[: np.searchsorted(np.cumsum(counts[slots]), most) + 1]

    def _feed(self, slots: NDArray[np.int64], count: int) -> None:
        """Start decoding `count` states of each slot."""
        table = self._table
        begins = table.fed[slots].tolist()
        lengths = np.where(table.draining[slots], table.states[slots], UNKNOWN_LENGTH).tolist()
        rows = zip(slots.tolist(), begins, lengths, strict=True)
        inputs = [DecoderInput(slot, begin, count, length) for slot, begin, length in rows]
        table.fed[slots] += count
        table.decoding[slots] = True
        read = self._runner.decode_audio(inputs)
        self._samples.append(_PendingAudio([self._release_if_complete(each) for each in inputs], read))

    def _release_if_complete(self, decoder_input: DecoderInput) -> _InputOwner:
        """Return the owner of an input; free its slot if the input is the last one of the sentence."""
        sequence = self._table.owner(decoder_input.slot)
        utterance = self._scheduler.running[sequence]
        sequence.states = int(self._table.states[decoder_input.slot])
        last = decoder_input.length != UNKNOWN_LENGTH and self._plan.is_complete(
            decoder_input.length, decoder_input.begin + decoder_input.count
        )
        if last:
            self._table.clear(decoder_input.slot)
            self._scheduler.release(sequence)
        return _InputOwner(sequence, utterance, sequence.attempt, last)

    def _take_samples(self, pending: _PendingAudio) -> None:
        with_new_audio: dict[Utterance, None] = {}
        for owner, samples in zip(pending.owners, pending.read(), strict=True):
            if owner.utterance.closed or owner.sequence.attempt != owner.attempt:
                continue
            owner.utterance.add_audio(owner.sequence, pcm16(samples) if self._quantise else samples)
            with_new_audio[owner.utterance] = None
            if owner.last:
                owner.sequence.stage = Stage.FINISHED
            else:
                self._table.decoding[owner.sequence.slot] = False
        for utterance in with_new_audio:
            if self._would_underrun(utterance):
                self._table.min_states[utterance.sequences[0].slot] = 1
            else:
                self._emit(utterance)

    def _would_underrun(self, utterance: Utterance) -> bool:
        """Whether playback started now would underrun before the next chunk."""
        if utterance.has_emitted or utterance.request.whole or utterance.sequences[0].stage is not Stage.GENERATING:
            return False
        playable = utterance.pending_seconds - utterance.request.encoder_delay
        return playable < _STEPS_AHEAD * self._capacity_model.step_seconds

    def _emit(self, utterance: Utterance) -> None:
        # Free the slots before the caller sees the end, so that its next request finds them free.
        if utterance.complete:
            self._counters.completed += 1
            self._close(utterance)
        now = self._clock()
        first = not utterance.has_emitted
        chunks = utterance.emit(now)
        if chunks:
            self._counters.audio_samples += sum(len(chunk.samples) for chunk in chunks)
            self._observe(utterance, now - utterance.arrived, first=first, final=chunks[-1].final)
            self._plan_next(utterance, now)

    def _observe(self, utterance: Utterance, seconds: float, *, first: bool, final: bool) -> None:
        """Record the measurements of a request that has emitted audio `seconds` after its arrival."""
        if first and not utterance.request.whole:
            self.observations.note(Quantity.FIRST_AUDIO, seconds)
        if final:
            self.observations.note(Quantity.REAL_TIME_FACTOR, seconds / utterance.audio_seconds)

    def _plan_next(self, utterance: Utterance, now: float) -> None:
        """Decide when the head is decoded next."""
        head = utterance.head
        if head is None or head.slot < 0 or self._table.sequences[head.slot] is not head or utterance.request.whole:
            return
        step = self._capacity_model.step_seconds
        table, slot = self._table, head.slot
        if table.fed[slot]:
            table.min_states[slot] = self._plan.min_states(utterance.playback_end - now, step)
            table.flush_at[slot] = now + table.min_states[slot] * step
        table.urgent[slot] = True
        table.playback_end[slot] = utterance.playback_end

    # Ends of requests

    def _fail(self, utterance: Utterance, error: EngineError) -> None:
        self._counters.failed += 1
        self._end(utterance, error)

    def _end(self, utterance: Utterance, error: EngineError) -> None:
        self._close(utterance)
        utterance.fail(error)

    def _close(self, utterance: Utterance) -> None:
        utterance.closed = True
        if utterance.admitted and not utterance.request.whole:
            self._queue_estimator.observe(utterance.decoded_seconds)
        self._free_slots(utterance)
        self._scheduler.remove(utterance)
        self._on_closed()

    def _free_slots(self, utterance: Utterance) -> None:
        for sequence in utterance.sequences:
            if sequence.slot >= 0:
                self._table.clear(sequence.slot)


def _prompt(chunk: PromptChunk) -> Prompt:
    sequence = chunk.sequence
    return Prompt(sequence.slot, sequence.prompt, chunk.begin, chunk.end, sequence.sampling, sequence.seed)
