"""The models over their slots: reads prompts, draws tokens, decodes audio. Knows tensors, but no queues.

Everything a slot needs lives on the device, indexed by slot: keys and values, the tokens seen, the hidden states that
wait for the decoder, the decoder's own state and the sampling parameters. A call takes lists of slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoint import Checkpoint
from engine.decoder import StreamingDecoder
from engine.language_model import KeyValueCache, LanguageModel
from engine.sampler import SamplingBatch, sample


@dataclass(frozen=True)
class Prompt:
    """A sentence to start in `slot`."""

    slot: int
    tokens: Sequence[int]
    temperature: float
    top_k: int  # 0 means the whole vocabulary
    top_p: float
    repetition_penalty: float
    seed: int


@dataclass(frozen=True)
class Drawn:
    """A token drawn for a slot, and the distance of the state that drew it from the state before.

    The distance is the sum of absolute differences; for the first token of a sentence it is infinite.
    """

    token: int
    distance: float


@dataclass(frozen=True)
class Feed:
    """States of `slot` for the decoder: `count` of them from `begin` on; `length` is the sentence's."""

    slot: int
    begin: int
    count: int
    length: int


class Runner:
    """One checkpoint on one device, with room for `slots` sentences of `max_prompt` and `max_new` tokens.

    Not safe to share between threads.
    """

    def __init__(
        self, checkpoint: Checkpoint, *, slots: int, max_prompt: int, max_new: int, dtype: torch.dtype
    ) -> None:
        config, weights = checkpoint.config, checkpoint.language_model
        self.device = weights.embedding.device
        self.eos_token = config.eos_token_id
        self._vocabulary = config.vocab_size
        positions = max_prompt + max_new
        self._model = LanguageModel(config, weights, positions)
        self._cache = KeyValueCache(config, slots, positions, dtype=dtype, device=self.device)
        self.decoder = StreamingDecoder(checkpoint.decoder, slots)
        self._states = torch.zeros(slots, max_new, config.hidden_size, device=self.device)
        self._seen = torch.zeros(slots, config.vocab_size, dtype=torch.bool, device=self.device)
        self._token = torch.zeros(slots, dtype=torch.int64, device=self.device)
        self._position = np.zeros(slots, dtype=np.int64)
        self._drawn = np.zeros(slots, dtype=np.int64)
        self._sampling = _SlotSampling(slots)

    @torch.inference_mode()
    def prefill(self, prompts: Sequence[Prompt]) -> list[Drawn]:
        """Read the prompts and draw each one's first token."""
        slots = self._index([prompt.slot for prompt in prompts])
        lengths = [len(prompt.tokens) for prompt in prompts]
        longest = max(lengths)
        tokens = torch.zeros(len(prompts), longest, dtype=torch.int64)
        for row, prompt in enumerate(prompts):
            tokens[row, : lengths[row]] = torch.tensor(prompt.tokens)
        tokens = tokens.to(self.device)
        for prompt in prompts:
            self._start(prompt)
        positions = torch.arange(longest, device=self.device).expand(len(prompts), -1)
        hidden = self._model.forward(tokens, self._cache, slots, positions, longest)
        last = hidden[torch.arange(len(prompts), device=self.device), self._index(lengths) - 1]
        return self._draw(slots, [prompt.slot for prompt in prompts], last)

    @torch.inference_mode()
    def decode(self, rows: Sequence[int]) -> list[Drawn]:
        """Draw the next token of each slot in `rows`."""
        slots = self._index(rows)
        positions = self._position[list(rows)]
        self._position[list(rows)] += 1
        hidden = self._model.forward(
            self._token[slots][:, None], self._cache, slots, self._index(positions)[:, None], int(positions.max()) + 1
        )
        return self._draw(slots, rows, hidden[:, 0])

    @torch.inference_mode()
    def decode_audio(self, feeds: Sequence[Feed]) -> list[NDArray[np.float32]]:
        """Feed the decoder, the same `count` for all, and return the audio that became final, feed by feed."""
        slots = self._index([feed.slot for feed in feeds])
        begins = self._index([feed.begin for feed in feeds])
        count = feeds[0].count
        # Padding behind the last state may point anywhere: the decoder masks it.
        columns = (begins[:, None] + torch.arange(count, device=self.device)).clamp(max=self._states.shape[1] - 1)
        states = self._states[slots[:, None], columns]
        waves = self.decoder.step(slots, states, begins, self._index([feed.length for feed in feeds])).cpu().numpy()
        audio = []
        for feed, wave in zip(feeds, waves, strict=True):
            start, stop = self.decoder.audible(feed.begin, feed.count, feed.length)
            audio.append(wave[start:stop].copy())
        return audio

    def _start(self, prompt: Prompt) -> None:
        """Give a slot to a new sentence."""
        seen = self._seen[prompt.slot]
        seen.zero_()
        seen[torch.tensor(prompt.tokens, device=self.device)] = True
        self._position[prompt.slot] = len(prompt.tokens)
        self._drawn[prompt.slot] = 0
        self._sampling.set(prompt, self._vocabulary)

    def _draw(self, slots: Tensor, rows: Sequence[int], hidden: Tensor) -> list[Drawn]:
        """Draw from final states `[R, H]`, and keep state and token for what follows."""
        steps = self._drawn[list(rows)]
        self._drawn[list(rows)] += 1
        drawn = self._index(steps)
        tokens = sample(self._model.logits(hidden), self._seen[slots], self._sampling.batch(rows, self.device), drawn)
        previous = self._states[slots, (drawn - 1).clamp(min=0)]
        distances = (hidden - previous).abs().sum(dim=-1)
        distances = torch.where(drawn > 0, distances, torch.inf)
        self._states[slots, drawn] = hidden
        self._token[slots] = tokens
        self._seen[slots, tokens] = True
        host = torch.stack((tokens.double(), distances.double())).cpu()  # one transfer; ids are exact in a double
        return [Drawn(int(token), distance) for token, distance in zip(*host.tolist(), strict=True)]

    def _index(self, values: Sequence[int] | NDArray[np.int64]) -> Tensor:
        return torch.as_tensor(values, dtype=torch.int64).to(self.device)


class _SlotSampling:
    """Sampling parameters of every slot, kept on the host, where the requests come from."""

    def __init__(self, slots: int) -> None:
        self.temperature = np.zeros(slots, dtype=np.float32)
        self.top_k = np.ones(slots, dtype=np.int64)
        self.top_p = np.ones(slots, dtype=np.float32)
        self.repetition_penalty = np.ones(slots, dtype=np.float32)
        self.seed = np.zeros(slots, dtype=np.int64)

    def set(self, prompt: Prompt, vocabulary: int) -> None:
        self.temperature[prompt.slot] = prompt.temperature
        self.top_k[prompt.slot] = min(prompt.top_k, vocabulary) or vocabulary
        self.top_p[prompt.slot] = prompt.top_p
        self.repetition_penalty[prompt.slot] = prompt.repetition_penalty
        self.seed[prompt.slot] = prompt.seed

    def batch(self, rows: Sequence[int], device: torch.device) -> SamplingBatch:
        chosen = list(rows)
        drawing = self.temperature[chosen] > 0
        return SamplingBatch(
            temperature=torch.from_numpy(self.temperature[chosen]).to(device),
            top_k=torch.from_numpy(self.top_k[chosen]).to(device),
            top_p=torch.from_numpy(self.top_p[chosen]).to(device),
            repetition_penalty=torch.from_numpy(self.repetition_penalty[chosen]).to(device),
            seed=torch.from_numpy(self.seed[chosen]).to(device),
            greedy=not drawing.any(),
            largest_top_k=int(self.top_k[chosen][drawing].max(initial=1)),
        )
