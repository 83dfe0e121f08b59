"""Teaching the language model: the teacher's tokens after the text, one by one.

Beside the next token, each state has to tell the spectrum that the token stands for: the decoder hears states, and
what k-means threw away it could not bring back.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Qwen3ForCausalLM

from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET, STOP
from engine.runtime.device import torch_dtype
from voices.training.guided_attention import GUIDED_LAYER, straying
from voices.training.loop import Figures
from voices.training.model_config import HIDDEN, language_model_config

LEARNING_RATE = 2e-3
_WEIGHT_DECAY = 0.05
_SPECTRUM_WEIGHT = 0.5
_GUIDE_WEIGHT = 1.0
# Soprano's defaults apply a repetition penalty, a factor, to the logits themselves. Speech repeats its sounds; so that
# this does no harm, logits are log-probabilities, but for a constant: where the model is sure, the one that counts is a
# little above 0, and where it hesitates, those that count are near 0, where a factor changes nothing.
_NORMALISATION_WEIGHT = 0.02
_NORMALISER = 1.5
_MISHEARD = 0.08  # of the tokens read, so that it learns to go on after a mistake of its own


@dataclass(frozen=True)
class Lesson:
    """One sentence, as the model reads it."""

    prompt: Tensor  # [P], token ids
    audio: Tensor  # [N], audio tokens from 0
    mel: Tensor  # [N, F], normalised; [0, F] where only its tokens are known

    def __len__(self) -> int:
        return len(self.prompt) + len(self.audio)


@dataclass(frozen=True)
class Batch:
    """Lessons side by side, padded behind."""

    tokens: Tensor  # [B, L]
    positions: Tensor  # [S]: in the flattened tokens, of the states that produce an audio token or the end
    targets: Tensor  # [S]
    described: Tensor  # [D]: which of the S produce a token whose spectrum is known
    mel: Tensor  # [D, F]
    prompts: Tensor  # [B]: where the audio of each begins
    lengths: Tensor  # [B]: and ends

    def to(self, device: torch.device) -> "Batch":
        """The same on another device."""
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))


class Speller(nn.Module):
    """The language model and what only its lessons need."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.model = Qwen3ForCausalLM(language_model_config())
        # On a processor, backwards through fused attention in bfloat16 takes longer than all the rest of a step.
        self.model.set_attn_implementation("eager")
        self.spectrum = nn.Linear(HIDDEN, features)

    def states(self, tokens: Tensor) -> Tensor:
        """Final states `[B, L, H]` of `tokens` `[B, L]`."""
        return self._hidden(tokens)[-1]

    def states_and_straying(self, batch: "Batch") -> tuple[Tensor, Tensor]:
        """Final states, and how far the guided head looks from where it should."""
        hidden = self._hidden(batch.tokens)
        return hidden[-1], straying(self.model, hidden[GUIDED_LAYER], batch.prompts, batch.lengths)

    def _hidden(self, tokens: Tensor) -> tuple[Tensor, ...]:
        """What goes into each layer, and the final states."""
        output = self.model.model(input_ids=tokens, use_cache=False, output_hidden_states=True)
        hidden: tuple[Tensor, ...] = output.hidden_states
        return hidden


def batches(lessons: Sequence[Lesson], tokens: int, seed: int, *, ascending: bool = False) -> Iterator[list[Lesson]]:
    """Every lesson once, in batches of like length that have up to so many `tokens` with their padding.

    The short ones come first, or all in an order of the seed's.
    """
    draw = random.Random(seed)
    order = sorted(lessons, key=lambda lesson: len(lesson) * draw.uniform(0.9, 1.1))
    groups: list[list[Lesson]] = [[]]
    longest = 0
    for lesson in order:
        longest = max(longest, len(lesson))
        if groups[-1] and (len(groups[-1]) + 1) * longest > tokens:
            groups.append([])
            longest = len(lesson)
        groups[-1].append(lesson)
    if not ascending:
        draw.shuffle(groups)
    yield from groups


def collate(lessons: Sequence[Lesson], neighbours: Tensor | None) -> Batch:
    """Put lessons side by side; where `neighbours` are given, some tokens are misheard as one of theirs."""
    length = max(map(len, lessons))
    tokens = torch.full((len(lessons), length), STOP)
    positions, targets, described, mel = [], [], [], []
    states = 0
    for row, lesson in enumerate(lessons):
        start, end = len(lesson.prompt), len(lesson)
        tokens[row, :start] = lesson.prompt
        heard = lesson.audio if neighbours is None else _misheard(lesson.audio, neighbours)
        tokens[row, start:end] = heard + AUDIO_OFFSET
        positions.append(torch.arange(start - 1, end) + row * length)
        targets.append(torch.cat((lesson.audio + AUDIO_OFFSET, torch.tensor([STOP]))))
        described.append(torch.arange(len(lesson.mel)) + states)
        mel.append(lesson.mel)
        states += len(lesson.audio) + 1
    prompts = torch.tensor([len(lesson.prompt) for lesson in lessons])
    lengths = torch.tensor([len(lesson) for lesson in lessons])
    return Batch(
        tokens, torch.cat(positions), torch.cat(targets), torch.cat(described), torch.cat(mel), prompts, lengths
    )


def _misheard(audio: Tensor, neighbours: Tensor) -> Tensor:
    swapped = neighbours[audio, torch.randint(neighbours.shape[1], audio.shape)]
    return torch.where(torch.rand(audio.shape) < _MISHEARD, swapped, audio)


@dataclass(frozen=True)
class Marks:
    """How well a batch went."""

    loss: Tensor
    figures: Figures


def mark(speller: Speller, batch: Batch) -> Marks:
    """The loss of a batch and what it is made of."""
    with _fast_products(batch.tokens.device):
        hidden, stray = speller.states_and_straying(batch)
        states = hidden.flatten(0, 1)[batch.positions]
        logits = speller.model.lm_head(states).float()
        spectra = speller.spectrum(states[batch.described])
    cross_entropy = F.cross_entropy(logits, batch.targets)
    normaliser = (logits.logsumexp(dim=-1) - _NORMALISER).square().mean()
    spectrum = F.l1_loss(spectra.float(), batch.mel.float(), reduction="sum") / max(1, batch.mel.numel())
    loss = cross_entropy + _NORMALISATION_WEIGHT * normaliser + _SPECTRUM_WEIGHT * spectrum + _GUIDE_WEIGHT * stray
    accuracy = (logits.argmax(dim=-1) == batch.targets).float().mean()
    figures = {"cross-entropy": cross_entropy, "accuracy": accuracy, "spectrum": spectrum, "straying": stray}
    return Marks(loss, {name: value.detach() for name, value in figures.items()})


def _fast_products(device: torch.device) -> torch.autocast:
    """Matrix products in bfloat16 where the device computes in it, which takes half the time; all else in float32."""
    bfloat16 = torch_dtype("auto", device) == torch.bfloat16
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)


def optimiser(speller: Speller) -> torch.optim.AdamW:
    """AdamW without decay of what is no matrix."""
    matrices = [weight for weight in speller.parameters() if weight.dim() > 1]
    others = [weight for weight in speller.parameters() if weight.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": _WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98), fused=True)
