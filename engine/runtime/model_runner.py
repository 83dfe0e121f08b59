"""Runs the models over the slots: prompts, and beats of decode steps with their audio. Knows tensors, but no queues.

The state of all slots is on the device, indexed by slot: keys and values, the seen tokens, the decoder's state, the
sampling parameters and the counters of `SentenceTable`. The device itself finds where a sentence ends: the host looks
once a beat. In a step, idle slots may be computed too, but their state does not change.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoint.load import Checkpoint
from engine.model.decode_attention import DecodeRows
from engine.model.decoder import UNKNOWN_LENGTH, StreamingDecoder
from engine.model.drawing import Drawing, StepRows
from engine.model.key_value_cache import KeyValueCache
from engine.model.language_model import LanguageModel
from engine.model.prefill_attention import PackedPrompts
from engine.model.sampling_table import SamplingTable
from engine.model.sentence_table import Ending, Rows, SentenceTable
from engine.request import SamplingParameters
from engine.runtime.execution import Execution
from engine.speech import Samples

_FACTS = 5  # integers of a row, beside its audio
_MEASUREMENTS = 3  # the shortest counts
_MEASURED_STEPS = 4
_LEAST_PROMPT = 4  # tokens: three around a text, and one of the text
_IDLE_SPAN = 64  # positions that a step without sentences attends to


@dataclass(frozen=True)
class Prompt:
    """The chunk `[begin, end)` of a prompt for `slot`; the chunks of a prompt come in order."""

    slot: int
    tokens: Sequence[int]  # the whole prompt
    begin: int
    end: int
    sampling: SamplingParameters
    seed: int  # of this attempt's noise
    limit: int  # states at which the sentence is stopped
    guarded: bool  # whether a hallucination stops it

    @property
    def is_read(self) -> bool:
        """Whether this is the last chunk, so that the sentence can begin."""
        return self.end == len(self.tokens)


class Row(NamedTuple):
    """What a beat made of a sentence."""

    states: int
    """Its states that are audio, so far."""
    ending: int
    """An `Ending`."""
    complete: int
    """Whether it has ended, and all of its audio has been decoded."""
    audio: Samples
    """The samples that became final."""


@dataclass(frozen=True)
class Beat:
    """A beat that has been started; `read` waits for what it made of each sentence."""

    steps: int
    read: Callable[[], list[Row]]


class Runner:
    """One checkpoint on one device, with `slots` slots for sentences of up to `max_prompt` + `max_new` tokens.

    With `quantise`, audio is 16-bit PCM. Not thread-safe.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        slots: int,
        max_prompt: int,
        max_new: int,
        dtype: torch.dtype,
        execution: Execution,
        quantise: bool = False,
    ) -> None:
        config, weights = checkpoint.config, checkpoint.language_model
        self.device = weights.embedding.device
        self.slots = slots
        self.execution = execution
        self._positions = max_prompt + max_new
        self._max_prompt, self._max_new = max_prompt, max_new
        rows = slots + 1  # one spare row, for padding
        self._spare = slots
        self._model = LanguageModel(config, weights, self._positions, execution.operators)
        self._cache = KeyValueCache(config, rows, self._positions, dtype=dtype, device=self.device)
        self.decoder = StreamingDecoder(checkpoint.decoder, rows, execution.operators)
        self._sentences = SentenceTable.new(rows, config.hidden_size, self.device)
        self._sampling = SamplingTable(rows, config.vocab_size, self.device)
        self._seen = torch.zeros(rows, config.vocab_size, dtype=torch.bool, device=self.device)
        self._drawing = Drawing(self._sentences, self._sampling, self._seen, config.eos_token_id)
        self._states = torch.zeros(max(execution.beats), rows, config.hidden_size, device=self.device)
        self._column = torch.zeros(1, dtype=torch.int64, device=self.device)  # of the next step in `_states`
        self._slot = torch.arange(rows, device=self.device)
        packed = execution.tokens(execution.prompt_tokens)
        self._packed = torch.zeros(4 * packed, dtype=torch.int64, device=self.device)  # of a prefill
        self._active = torch.zeros(rows, dtype=torch.bool, device=self.device)
        self._listed = torch.zeros(rows, dtype=torch.int64, device=self.device)  # the slots of a step
        self._heard = torch.zeros(rows, dtype=torch.int64, device=self.device)  # the slots whose audio is decoded
        self._last_position = np.zeros(rows, dtype=np.int64)  # of each slot at most, known without the device
        self._quantise = quantise

    @torch.inference_mode()
    def prefill(self, prompts: Sequence[Prompt]) -> None:
        """Read prompt chunks; the sentences whose prompts end take part in the next beat."""
        self._begin([prompt for prompt in prompts if prompt.begin == 0])
        for part in self._parts(prompts):
            hidden = self._read(part)
            read = [prompt.slot for prompt in part if prompt.is_read]
            if read:
                self._sentences.start(self._index(read), hidden[: len(read)])

    def beat(self, slots: Sequence[int], steps: int, interrupted: Callable[[], bool] = lambda: False) -> Beat:
        """Draw up to `steps` tokens of each sentence in `slots`, and decode the audio of as many states.

        If the host waits for each step anyway, the beat has fewer steps once it is `interrupted`.
        """
        done = self.draw(slots, steps, interrupted)
        size = max(1, self.execution.states_at_once // done)
        parts = [self.decode_audio(slots[start : start + size], done) for start in range(0, len(slots), size)]
        return Beat(done, lambda: [row for part in parts for row in part()])

    @torch.inference_mode()
    def draw(self, slots: Sequence[int], steps: int, interrupted: Callable[[], bool] = lambda: False) -> int:
        """Draw tokens as `beat` does; return the number of steps."""
        chosen = np.asarray(slots, dtype=np.int64)
        at, within = self._layout(chosen)
        self._column.zero_()
        candidates = 0 if self.execution.operators.draws_alike else self._sampling.candidates(chosen)
        done = 0
        while done < steps and not (done and self.execution.lag == 0 and interrupted()):
            done += 1
            span = self.execution.span(int(self._last_position[chosen].max()) + 1, self._positions)
            self._last_position[chosen] = np.minimum(self._last_position[chosen] + 1, self._positions - 1)
            self._run_step(at, within, span, candidates)
        return done

    @torch.inference_mode()
    def decode_audio(self, slots: Sequence[int], count: int) -> Callable[[], list[Row]]:
        """Decode the states of the last `count` steps; the returned function waits for the audio."""
        rows = self.execution.rows(len(slots), self.slots)
        self._list(self._heard, slots, rows)
        wait = self.execution.read_back(self._run_audio(rows, count))
        return lambda: _rows(wait().numpy()[: len(slots)])

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Run every shape once, so that no request has to wait for it. No slot may be in use."""
        for size in self.execution.token_sizes():
            self._read_padded([], size)
        for rows in self.execution.row_sizes(self.slots):
            for candidates in self._usual_candidates:
                self._column.zero_()
                self._run_idle(rows, candidates)
            for steps in self.execution.beats:
                if rows * steps <= self.execution.states_at_once:
                    self._run_audio(rows, steps)

    @torch.inference_mode()
    def measure_steps(self) -> list[tuple[int, float]]:
        """Return rows and seconds of the smallest and the largest step, with its audio.

        The runner must have been warmed up, and no slot may be in use.
        """
        sizes = (self.execution.rows(1, self.slots), self.slots)
        return [(rows, self._seconds(partial(self._measured_beat, rows)) / _MEASURED_STEPS) for rows in sizes]

    def _measured_beat(self, rows: int) -> Tensor:
        self._column.zero_()
        for _ in range(_MEASURED_STEPS):
            self._run_idle(rows, 0)
        size = max(1, min(rows, self.execution.states_at_once // _MEASURED_STEPS))
        for start in range(0, rows, size):
            result = self._run_audio(self.execution.rows(min(size, rows - start), self.slots), _MEASURED_STEPS)
        return result

    def _seconds(self, run: Callable[[], Tensor]) -> float:
        """Time a call, including the copy of its result to the host."""
        times = []
        for _ in range(_MEASUREMENTS):
            begun = time.perf_counter()
            self.execution.read_back(run())()
            times.append(time.perf_counter() - begun)
        return min(times)

    # Prompts

    def _begin(self, prompts: Sequence[Prompt]) -> None:
        """Initialise the slots of new sentences, in few transfers."""
        if not prompts:
            return
        lengths = [len(prompt.tokens) for prompt in prompts]
        if max(lengths) > self._max_prompt:
            raise ValueError(f"a prompt of {max(lengths)} tokens; the limit is {self._max_prompt}")
        slots = [prompt.slot for prompt in prompts]
        sampling = [prompt.sampling for prompt in prompts]
        index = self._index(slots)
        limits = [min(prompt.limit, self._max_new) for prompt in prompts]
        columns = SentenceTable.beginnings(lengths, limits, guarded=[prompt.guarded for prompt in prompts])
        self._sentences.begin(index, self._index(columns))
        self._last_position[slots] = lengths
        self._sampling.set(
            slots,
            index,
            sampling,
            self.execution.upload(self._sampling.numbers(sampling)),
            self._index(self._sampling.integers(sampling, [prompt.seed for prompt in prompts])),
        )
        self._seen[index] = False
        tokens = np.concatenate([prompt.tokens for prompt in prompts])
        owners, seen = self._index(np.stack((np.repeat(slots, lengths), tokens)))
        self._seen[owners, seen] = True

    def _parts(self, prompts: Sequence[Prompt]) -> list[list[Prompt]]:
        """Split prompts into batches of the best size, with at least one prompt in each."""
        parts: list[list[Prompt]] = []
        room = 0
        for prompt in prompts:
            length = prompt.end - prompt.begin
            if length > room:
                parts.append([])
                room = max(self.execution.prompt_tokens, length)
            parts[-1].append(prompt)
            room -= length
        return parts

    def _read(self, prompts: Sequence[Prompt]) -> Tensor:
        """Run a batch of prompt chunks; return the final states of the prompts that end, `[P, H]` with padding."""
        tokens = sum(prompt.end - prompt.begin for prompt in prompts)
        return self._read_padded(prompts, self.execution.tokens(max(tokens, _LEAST_PROMPT * len(prompts))))

    def _read_padded(self, prompts: Sequence[Prompt], size: int) -> Tensor:
        columns = np.zeros((3, size), dtype=np.int64)  # tokens, slots and positions
        columns[1] = self._spare
        ends = np.cumsum([prompt.end - prompt.begin for prompt in prompts], dtype=np.int64)
        for prompt, end in zip(prompts, ends, strict=True):
            own = columns[:, end - (prompt.end - prompt.begin) : end]
            own[0] = prompt.tokens[prompt.begin : prompt.end]
            own[1] = prompt.slot
            own[2] = np.arange(prompt.begin, prompt.end)
        last = ends[[index for index, prompt in enumerate(prompts) if prompt.is_read]] - 1
        if self.execution.operators.captures_prompts:
            return self._read_captured(columns, last)
        keys = [(self._spare, 1), *((prompt.slot, prompt.end) for prompt in prompts)]
        key_positions = np.concatenate([np.arange(length) for _, length in keys])
        parts = (*columns, last, np.repeat(*np.transpose(keys)), key_positions)
        packed = torch.split(self._index(np.concatenate(parts)), [len(part) for part in parts])
        return self._model.prefill(PackedPrompts(*packed), self._cache)

    def _read_captured(self, columns: NDArray[np.int64], last: NDArray[np.int64]) -> Tensor:
        """Read prompts from a buffer of which each graph has a part."""
        size = columns.shape[1]
        most = size // _LEAST_PROMPT
        packed = self._packed[: 3 * size + most]
        packed.copy_(self._index(np.concatenate((*columns, np.pad(last, (0, most - len(last)))))))
        tokens, slots, positions, ends = torch.split(packed, [size, size, size, most])
        prompts = PackedPrompts(tokens, slots, positions, ends, packed[:0], packed[:0])
        return self.execution.run(("prompts", size), lambda: self._model.prefill(prompts, self._cache))

    # Steps

    def _layout(self, slots: NDArray[np.int64]) -> tuple[Rows, int]:
        """Return the slots of a step, and how many slots they are spread over; 0 if they are the first ones.

        Among the first slots may be some that take no part in the step.
        """
        rows = self.execution.rows(len(slots), self.slots)
        if not self.execution.first_slots:
            return self._list(self._listed, slots, rows), self.slots + 1
        spread = int(slots.max()) + 1
        first = self.execution.rows(spread, self.slots)
        if first > rows:
            return self._list(self._listed, slots, len(slots)), spread
        active = np.zeros(first, dtype=np.bool_)
        active[slots] = True
        self._active[:first] = self.execution.upload(active)
        return slice(0, first), 0

    def _list(self, listed: Tensor, slots: Sequence[int] | NDArray[np.int64], rows: int) -> Tensor:
        """Write `slots` and padding to the first `rows` of `listed`, where replayed steps read them; return these."""
        padded = np.full(rows, self._spare)
        padded[: len(slots)] = slots
        listed[:rows] = self.execution.upload(padded)
        return listed[:rows]

    def _run_idle(self, rows: int, candidates: int) -> None:
        """Run a step in which no sentence takes part."""
        at = slice(0, rows) if self.execution.first_slots else self._list(self._listed, [], rows)
        within = 0 if self.execution.first_slots else self.slots + 1
        span = self.execution.span(min(_IDLE_SPAN, self._positions), self._positions)
        self._run_step(at, within, span, candidates)

    @property
    def _usual_candidates(self) -> tuple[int, ...]:
        return (0,) if self.execution.operators.draws_alike else self._sampling.candidate_counts

    def _run_step(self, at: Rows, within: int, span: int, candidates: int) -> None:
        rows = at.stop if isinstance(at, slice) else len(at)
        # A step that draws from the whole vocabulary is rare, and needs no graph.
        key = ("step", rows, candidates) if candidates in self._usual_candidates else None
        self.execution.run(key, lambda: self._step(at, within, span, candidates))

    def _step(self, at: Rows, within: int, span: int, candidates: int) -> Tensor:
        """Draw a token of each row, and read it."""
        table, slots = self._sentences, self._slot[at] if isinstance(at, slice) else at
        rows = StepRows(at, slots, self._active[at] if isinstance(at, slice) else None)
        hidden = table.hidden[at]
        self._states.index_put_((self._column.expand(len(slots)), slots), hidden)
        self._column += 1
        tokens, goes_on = self.execution.operators.draw(self._drawing, rows, self._model.logits(hidden), candidates)
        step = DecodeRows(slots, table.position[at], span, within)
        table.read(at, self._model.decode(tokens, self._cache, step), goes_on)
        return goes_on

    # Audio

    def _run_audio(self, rows: int, count: int) -> Tensor:
        return self.execution.run(("audio", rows, count), lambda: self._audio(rows, count))

    def _audio(self, rows: int, count: int) -> Tensor:
        """Decode the states of the last `count` steps; return facts and samples of each row, in the samples' type."""
        table, slots = self._sentences, self._heard[:rows]
        begin, states, ending = table.fed[slots], table.states[slots], table.ending[slots]
        length = torch.where(ending == Ending.NONE, UNKNOWN_LENGTH, states)
        chosen = self._states[:count, slots].transpose(0, 1)
        samples = self.decoder.step(slots, chosen, begin, length, quantise=self._quantise)
        start, stop = self.decoder.audible(begin, count, length)
        complete = begin + count >= length + self.decoder.flush_states
        table.fed[slots] = begin + count
        facts = torch.stack((states, ending, complete, start, stop), dim=1).int()
        return torch.cat((facts.view(samples.dtype), samples), dim=1)  # one transfer

    def _index(self, values: Sequence[int] | NDArray[np.int64]) -> Tensor:
        return self.execution.upload(np.asarray(values, dtype=np.int64))


def _rows(results: Samples) -> list[Row]:
    """Take apart what `_audio` has put together."""
    width = _FACTS * 4 // results.itemsize
    facts = np.ascontiguousarray(results[:, :width]).view(np.int32)
    states, ending, complete, start, stop = facts.T.tolist()
    audio = [row[begin:end] for row, begin, end in zip(results[:, width:], start, stop, strict=True)]
    return list(map(Row, states, ending, complete, audio))
