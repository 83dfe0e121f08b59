"""Runs the models over the slots: prefill, decode with sampling, and audio decoding. Knows tensors, but no queues.

The state of all slots is on the device, indexed by slot: keys and values, the seen tokens, the hidden states that the
decoder has not read, the decoder's state and the sampling parameters. A decode step runs over the first slots, in
place. Idle slots among them are computed too, but their state does not change.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoint.load import Checkpoint
from engine.model.decoder import StreamingDecoder
from engine.model.key_value_cache import KeyValueCache
from engine.model.language_model import LanguageModel, PackedPrompts
from engine.model.memory import zeros
from engine.model.sampler import SamplingBatch, sample
from engine.model.sampling_table import SamplingTable
from engine.request import SamplingParameters
from engine.runtime.execution import Execution

_STATES_AT_ONCE = 256
"""The limit of states in one decoder call: more are not faster, and their audio takes more memory."""

_MEASUREMENTS = 3  # the shortest counts


@dataclass(frozen=True)
class Prompt:
    """The chunk `[begin, end)` of a prompt for `slot`; the chunks of a prompt come in order."""

    slot: int
    tokens: Sequence[int]  # the whole prompt
    begin: int
    end: int
    sampling: SamplingParameters
    seed: int  # of this attempt's noise

    @property
    def is_read(self) -> bool:
        """Whether this is the last chunk, so that the first token can be sampled."""
        return self.end == len(self.tokens)


@dataclass(frozen=True)
class SampledTokens:
    """A token for each slot, and the distance of its hidden state from the previous one.

    The distance is the sum of absolute differences; it is infinite for the first token of a sentence.
    """

    tokens: NDArray[np.int64]
    distances: NDArray[np.float64]


@dataclass(frozen=True)
class DecoderInput:
    """`count` states of `slot` for the decoder, from state `begin` on; `length` is the sentence's number of states."""

    slot: int
    begin: int
    count: int
    length: int


Audio = list[NDArray[np.float32]]


class Runner:
    """One checkpoint on one device, with `slots` slots for sentences of up to `max_prompt` + `max_new` tokens.

    Its calls start work and return a function that waits for the result. Not thread-safe.
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
    ) -> None:
        config, weights = checkpoint.config, checkpoint.language_model
        self.device = weights.embedding.device
        self.eos_token = config.eos_token_id
        self.slots = slots
        self.execution = execution
        positions = max_prompt + max_new
        rows = slots + 1  # one spare row, for swaps and padding
        self._spare = slots
        self._model = LanguageModel(config, weights, positions)
        self._cache = KeyValueCache(config, rows, positions, dtype=dtype, device=self.device)
        self.decoder = StreamingDecoder(checkpoint.decoder, rows)
        self._max_prompt, self._max_new = max_prompt, max_new
        # The last column takes the states that are not kept.
        shape = (rows, max_new + 1, config.hidden_size)
        self._states = zeros(shape, dtype=torch.float32, device=self.device)
        self._seen = torch.zeros(rows, config.vocab_size, dtype=torch.bool, device=self.device)
        self._token = torch.zeros(rows, dtype=torch.int64, device=self.device)
        self._position = torch.zeros(rows, dtype=torch.int64, device=self.device)
        self._sampled = torch.zeros(rows, dtype=torch.int64, device=self.device)
        self._active = torch.zeros(rows, dtype=torch.bool, device=self.device)
        self._slot = torch.arange(rows, device=self.device)
        self._sampling = SamplingTable(rows, config.vocab_size, self.device)
        self._positions = positions
        self._host_position = np.zeros(rows, dtype=np.int64)
        self._inputs = torch.zeros(3, rows, dtype=torch.int64, device=self.device)

    @torch.inference_mode()
    def prefill(self, prompts: Sequence[Prompt]) -> Callable[[], SampledTokens]:
        """Read prompt chunks; sample the first token of each prompt that ends, in the order of `prompts`."""
        for prompt in prompts:
            if prompt.begin == 0:
                self._start(prompt)
        read = [prompt for prompt in prompts if prompt.is_read]
        parts = [self._model.prefill(self._pack(part), self._cache) for part in self._parts(prompts)]
        if not read:
            return lambda: SampledTokens(np.empty(0, dtype=np.int64), np.empty(0))
        slots = [prompt.slot for prompt in read]
        active = torch.ones(len(read), dtype=torch.bool, device=self.device)
        result = self._sample_next(self._index(slots), torch.cat(parts), active, self._sampling.candidates(slots))
        self._resample_wide(result, {slot: row for row, slot in enumerate(slots)})
        return self._read_later(result, slice(None))

    @torch.inference_mode()
    def decode(self, slots: Sequence[int]) -> Callable[[], SampledTokens]:
        """Sample the next token of each of `slots`; the cost depends on the highest slot."""
        rows = self.execution.rows(max(slots) + 1, self.slots)
        self._activate(slots, rows)
        chosen = list(slots)
        span = self.execution.span(int(self._host_position[chosen].max()) + 1, self._positions)
        self._host_position[chosen] = np.minimum(self._host_position[chosen] + 1, self._positions - 1)
        result = self._run_decode(rows, span, self._sampling.candidates(slots))
        self._resample_wide(result, {slot: slot for slot in chosen})
        return self._read_later(result, chosen)

    @torch.inference_mode()
    def decode_audio(self, inputs: Sequence[DecoderInput]) -> Callable[[], Audio]:
        """Decode inputs, which all have the same `count`; return the audio that became final, for each input."""
        size = max(1, _STATES_AT_ONCE // inputs[0].count)
        parts = [self._decode_part(inputs[start : start + size]) for start in range(0, len(inputs), size)]
        return lambda: [samples for part in parts for samples in part()]

    @torch.inference_mode()
    def swap(self, first: int, second: int) -> None:
        """Exchange the state of two slots."""
        self._copy(first, self._spare)
        self._copy(second, first)
        self._copy(self._spare, second)

    @torch.inference_mode()
    def warm_up(self, input_sizes: Sequence[int]) -> None:
        """Run every shape once, so that no request has to wait for it. No slot may be in use."""
        self._model.prefill(self._pack([_padding(self._spare, 8)]), self._cache)
        for rows in self.execution.row_sizes(self.slots):
            for span in self.execution.spans(self._positions):
                for candidates in self._sampling.candidate_counts:
                    self._run_decode(rows, span, candidates)
            for count in input_sizes:
                if rows * count <= _STATES_AT_ONCE:
                    self._run_decoder(rows, count)

    @torch.inference_mode()
    def measure_steps(self, input_size: int) -> list[tuple[int, float]]:
        """Return rows and seconds of the smallest and the largest step.

        The seconds include the audio, decoded in inputs of `input_size` states. The runner must have been warmed up
        with that size, and no slot may be in use.
        """
        span = self.execution.spans(self._positions)[0]
        decoder_rows = self.execution.rows(max(1, min(self.slots, _STATES_AT_ONCE // input_size)), self.slots)
        audio = self._seconds(lambda: self._run_decoder(decoder_rows, input_size)) / (decoder_rows * input_size)
        sizes = (self.execution.rows(1, self.slots), self.slots)
        return [(rows, self._seconds(partial(self._run_decode, rows, span, 0)) + rows * audio) for rows in sizes]

    def _seconds(self, run: Callable[[], Tensor]) -> float:
        """Time a call, including the copy of its result to the host."""
        times = []
        for _ in range(_MEASUREMENTS):
            begun = time.perf_counter()
            self.execution.read_back(run())()
            times.append(time.perf_counter() - begun)
        return min(times)

    def _start(self, prompt: Prompt) -> None:
        """Initialise a slot for a new sentence."""
        if len(prompt.tokens) > self._max_prompt:
            raise ValueError(f"a prompt of {len(prompt.tokens)} tokens; the limit is {self._max_prompt}")
        slot = prompt.slot
        self._seen[slot] = False
        self._seen[slot, self._index(prompt.tokens)] = True
        # A decode step may run over this slot while it is idle, and then writes after the prompt.
        self._position[slot] = len(prompt.tokens)
        self._host_position[slot] = len(prompt.tokens)
        self._sampled[slot] = 0
        self._sampling.set(slot, prompt.sampling, prompt.seed)

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

    def _pack(self, prompts: Sequence[Prompt]) -> PackedPrompts:
        """Concatenate prompt chunks and padding, and copy them to the device in one transfer."""
        needed = sum(prompt.end - prompt.begin for prompt in prompts)
        padding = self.execution.tokens(needed) - needed
        if padding:
            prompts = [*prompts, _padding(self._spare, padding)]
        lengths = [prompt.end - prompt.begin for prompt in prompts]
        ends = [prompt.end for prompt in prompts]
        slots = [prompt.slot for prompt in prompts]
        last = np.cumsum(lengths)[[prompt.is_read for prompt in prompts]] - 1
        parts = (
            np.concatenate([prompt.tokens[prompt.begin : prompt.end] for prompt in prompts]),
            np.repeat(slots, lengths),
            np.concatenate([np.arange(prompt.begin, prompt.end) for prompt in prompts]),
            np.repeat(slots, ends),
            np.concatenate([np.arange(end) for end in ends]),
            last,
        )
        return PackedPrompts(*torch.split(self._index(np.concatenate(parts)), [len(part) for part in parts]))

    def _run_decode(self, rows: int, span: int, candidates: int) -> Tensor:
        return self.execution.run(("decode", rows, span, candidates), lambda: self._decode_rows(rows, span, candidates))

    def _decode_rows(self, rows: int, span: int, candidates: int) -> Tensor:
        """Run the first `rows` slots; slots that are idle or full keep their state."""
        slots, tokens = self._slot[:rows], self._token[:rows]
        active = self._active[:rows] & (self._sampled[:rows] < self._max_new)
        self._seen[slots, tokens] = self._seen[slots, tokens] | active
        hidden = self._model.decode(tokens, self._cache, self._position[:rows], span)
        self._position[:rows] += active
        return self._sample_next(slots, hidden, active, candidates)

    def _sample_next(self, slots: Tensor, hidden: Tensor, active: Tensor, candidates: int) -> Tensor:
        """Sample from final states `[R, H]`; return tokens and distances, `[2, R]`.

        The state and the token of `active` rows are stored; these rows must have room for them.
        """
        sampled = self._sampled[slots]
        tokens = self._sample(slots, hidden, sampled, self._sampling.batch(slots, candidates))
        previous = self._states[slots, (sampled - 1).clamp(min=0)]
        distances = (hidden - previous).abs().sum(dim=-1)
        distances = torch.where(sampled > 0, distances, torch.inf)
        self._states[slots, torch.where(active, sampled, self._max_new)] = hidden
        self._token[slots] = torch.where(active, tokens, self._token[slots])
        self._sampled[slots] = sampled + active
        return torch.stack((tokens.double(), distances.double()))  # one transfer; token ids are exact in a double

    def _resample_wide(self, result: Tensor, rows: Mapping[int, int]) -> None:
        """Sample again, from the whole vocabulary, for slots with a large top-k; `rows` maps slots to rows of `result`.

        Sorting the vocabulary costs more than a step, so it is done only for these slots, and outside the CUDA graph.
        """
        wide = self._sampling.wide(list(rows))
        if not wide:
            return
        slots = self._index(wide)
        sampled = self._sampled[slots] - 1
        tokens = self._sample(slots, self._states[slots, sampled], sampled, self._sampling.whole_vocabulary(slots))
        self._token[slots] = tokens
        result[0, self._index([rows[slot] for slot in wide])] = tokens.double()

    def _sample(self, slots: Tensor, hidden: Tensor, sampled: Tensor, parameters: SamplingBatch) -> Tensor:
        return sample(self._model.logits(hidden), self._seen[slots], parameters, sampled)

    def _read_later(self, result: Tensor, rows: Sequence[int] | slice) -> Callable[[], SampledTokens]:
        wait = self.execution.read_back(result)

        def read() -> SampledTokens:
            tokens, distances = wait().numpy()[:, rows]
            return SampledTokens(tokens.astype(np.int64), distances)

        return read

    def _decode_part(self, inputs: Sequence[DecoderInput]) -> Callable[[], Audio]:
        count = inputs[0].count
        rows = self.execution.rows(len(inputs), self.slots)
        padding = [(self._spare, 0, 0)] * (rows - len(inputs))  # an empty sentence
        table = [(each.slot, each.begin, each.length) for each in inputs] + padding
        self._inputs[:, :rows] = self._index(table).T
        wait = self.execution.read_back(self._run_decoder(rows, count))

        def read() -> Audio:
            audio = []
            for each, wave in zip(inputs, wait().numpy(), strict=False):
                start, stop = self.decoder.audible(each.begin, each.count, each.length)
                audio.append(wave[start:stop].copy())
            return audio

        return read

    def _run_decoder(self, rows: int, count: int) -> Tensor:
        return self.execution.run(("audio", rows, count), lambda: self._decode_inputs(rows, count))

    def _decode_inputs(self, rows: int, count: int) -> Tensor:
        slots, begins, lengths = self._inputs[:, :rows]
        # Padding after the last state may have any value: the decoder masks it.
        columns = (begins[:, None] + torch.arange(count, device=self.device)).clamp(max=self._states.shape[1] - 1)
        return self.decoder.step(slots, self._states[slots[:, None], columns], begins, lengths)

    def _activate(self, slots: Sequence[int], rows: int) -> None:
        """Set which of the first `rows` slots are active in the next decode step."""
        active = np.zeros(rows, dtype=np.bool_)
        active[list(slots)] = True
        self._active[:rows] = self.execution.upload(active)

    def _copy(self, source: int, target: int) -> None:
        used = int(self._host_position[source]) + 1
        self._cache.copy(source, target, used)
        self._states[target, :used] = self._states[source, :used]
        for table in (self._seen, self._token, self._position, self._sampled):
            table[target] = table[source]
        self._host_position[target] = self._host_position[source]
        self._sampling.copy(source, target)
        self.decoder.copy(source, target)

    def _index(self, values: Sequence[int] | Sequence[Sequence[int]] | NDArray[np.int64]) -> Tensor:
        return self.execution.upload(np.asarray(values, dtype=np.int64))


def _padding(slot: int, length: int) -> Prompt:
    """Return `length` tokens of padding: a chunk that is not the last of its prompt."""
    return Prompt(slot, [0] * (length + 1), 0, length, SamplingParameters(), seed=0)
