"""The engine's step: schedule, run, take tokens in, decode audio, hand it over. For one thread."""

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Sequence as Listing
from dataclasses import replace

from engine.audio_plan import AudioPlan
from engine.errors import Cancelled, EngineError, NoAudio
from engine.runner import Drawn, Feed, Prompt, Runner
from engine.scheduler import Scheduler
from engine.sequence import Sequence, Stage
from engine.statistics import Counters, Statistics
from engine.utterance import Utterance

_FEWEST_STATES = 2  # N states make N - 1 pieces of audio


class Stepper:
    """Joins the scheduler, which knows requests, and the runner, which knows tensors.

    `on_closed` is called for every request that ends, however it does.
    """

    def __init__(self, scheduler: Scheduler, runner: Runner, on_closed: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._runner = runner
        self._plan = AudioPlan.of(runner.decoder)
        self._on_closed = on_closed
        self._counters = Counters()
        self._active_slots = 0
        self._waiting = 0

    def add(self, utterance: Utterance) -> None:
        """Take in a request."""
        self._counters.requests += 1
        self._scheduler.add(utterance)

    def step(self) -> bool:
        """Do one step; return False if there was nothing to do."""
        self._drop_cancelled()
        plan = self._scheduler.schedule()
        if plan.prefill:
            self._advance(plan.prefill, self._runner.prefill([_prompt(sequence) for sequence in plan.prefill]))
        if plan.decode:
            self._advance(plan.decode, self._runner.decode([sequence.slot for sequence in plan.decode]))
        with_audio = self._decode_audio()
        for utterance in with_audio:
            self._hand_over(utterance)
        self._counters.steps += 1
        self._publish()
        return bool(plan.prefill or plan.decode or with_audio)

    def end_all(self, error: EngineError) -> None:
        """End every request with `error`."""
        for utterance in self._scheduler.utterances:
            self._fail(utterance, error)
        self._publish()

    def statistics(self, *, open_requests: int, rejected: int) -> Statistics:
        """Return a snapshot; safe to call from any thread."""
        return Statistics(
            slots=self._scheduler.slots,
            active_slots=self._active_slots,
            open_requests=open_requests,
            waiting_requests=self._waiting,
            rejected=rejected,
            counters=replace(self._counters),
        )

    def _publish(self) -> None:
        # Plain numbers, since other threads read them while the scheduler's collections change.
        self._active_slots = self._scheduler.active_slots
        self._waiting = self._scheduler.waiting

    def _drop_cancelled(self) -> None:
        for utterance in self._scheduler.utterances:
            if utterance.speech.cancelled:
                self._counters.cancelled += 1
                self._close(utterance)
                utterance.fail(Cancelled("the request was cancelled"))

    def _advance(self, sequences: Listing[Sequence], drawn: Listing[Drawn]) -> None:
        self._counters.tokens += len(drawn)
        for sequence, token in zip(sequences, drawn, strict=True):
            utterance = self._scheduler.running.get(sequence)
            if utterance is not None:  # None: an earlier row of this step ended the request
                self._take_token(utterance, sequence, token)

    def _take_token(self, utterance: Utterance, sequence: Sequence, drawn: Drawn) -> None:
        sequence.stage = Stage.GENERATING
        if drawn.token == self._runner.eos_token:
            self._end_sentence(utterance, sequence, good=sequence.states >= _FEWEST_STATES)
            return
        sequence.states += 1
        hallucinates = sequence.guard.observe(drawn.distance)
        guarded = sequence.request.sampling.retries > 0  # as upstream: without retries it does not look
        if (guarded and hallucinates) or sequence.states == sequence.token_limit:
            self._end_sentence(utterance, sequence, good=False)

    def _end_sentence(self, utterance: Utterance, sequence: Sequence, *, good: bool) -> None:
        """Finish a sentence; one that went wrong is made anew if it may be, and else ends where it is."""
        if not good and sequence.may_retry:
            self._counters.retries += 1
            utterance.retry(sequence)
        elif sequence.states < _FEWEST_STATES:
            spoken = sequence.sentence.text
            self._fail(utterance, NoAudio(f"the model made no sound for {spoken!r}; try another seed or more retries"))
        else:
            sequence.stage = Stage.DRAINING

    def _decode_audio(self) -> list[Utterance]:
        """Feed the decoder with what is due, in one batch for each size; return the requests that got audio."""
        due: dict[int, list[Sequence]] = defaultdict(list)
        for sequence, utterance in self._scheduler.running.items():
            count = self._plan.next_feed(sequence, urgent=utterance.is_urgent(sequence))
            if count is not None:
                due[count].append(sequence)
        with_audio: dict[Utterance, None] = {}
        for count, sequences in due.items():
            feeds = [Feed(sequence.slot, sequence.fed, count, sequence.length) for sequence in sequences]
            for sequence, samples in zip(sequences, self._runner.decode_audio(feeds), strict=True):
                utterance = self._scheduler.running[sequence]
                utterance.add_audio(sequence, samples)
                with_audio[utterance] = None
                self._after_feed(sequence, count)
        return list(with_audio)

    def _after_feed(self, sequence: Sequence, count: int) -> None:
        sequence.fed += count
        sequence.feeds += 1
        if self._plan.is_complete(sequence):
            self._scheduler.release(sequence)
            sequence.stage = Stage.FINISHED

    def _hand_over(self, utterance: Utterance) -> None:
        # The places are free before the caller learns of the end, so that whoever waits for it can send the next.
        if utterance.complete:
            self._counters.completed += 1
            self._close(utterance)
        chunk = utterance.hand_over()
        if chunk is not None:
            self._counters.audio_samples += len(chunk.samples)

    def _fail(self, utterance: Utterance, error: EngineError) -> None:
        self._counters.failed += 1
        self._close(utterance)
        utterance.fail(error)

    def _close(self, utterance: Utterance) -> None:
        self._scheduler.remove(utterance)
        self._on_closed()


def _prompt(sequence: Sequence) -> Prompt:
    sampling = sequence.request.sampling
    return Prompt(
        slot=sequence.slot,
        tokens=sequence.prompt,
        temperature=sequence.temperature,
        top_k=sampling.top_k,
        top_p=sampling.top_p,
        repetition_penalty=sampling.repetition_penalty,
        seed=sequence.seed,
    )
