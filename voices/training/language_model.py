"""Trains the language model to predict the teacher's audio tokens after the text.

Each state also has to tell the spectra and the pitch of its token and of the token before: the decoder gets the states
and nothing else, and it could not recover the details that k-means discards.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AttentionInterface, Qwen3ForCausalLM

from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET, STOP
from voices.training.guided_attention import GUIDED_LAYER, guided_attention_loss
from voices.training.loop import Losses, Tensors
from voices.training.model_config import HIDDEN, language_model_config
from voices.training.precision import fast_products

LEARNING_RATE = 2e-3
PITCH_CLASSES = 24
"""Kinds of pitch that the states tell apart: none, and numbers of periods a token."""
_LOWEST = 6  # periods a token, of the first class with a voice
_NEIGHBOURHOOD = 3  # tokens whose pitch a state tells
_WEIGHT_DECAY = 0.05
_SPECTRUM_WEIGHT = 2.0
_PITCH_WEIGHT = 0.5
_GUIDED_ATTENTION_WEIGHT = 1.0
# Soprano's default repetition penalty multiplies logits by a factor, but speech repeats its sounds. So training makes
# the logits log-probabilities plus a constant: the largest logit is a little above 0 if the model is certain, and the
# largest ones are near 0 if it is not. A factor hardly changes numbers near 0.
_NORMALISATION_WEIGHT = 0.02
_NORMALISER = 1.5
_DROPOUT = 0.1  # of what a layer adds: hours of speech are soon known by heart
_REPLACED_SHARE = 0.15  # share of input tokens that are replaced: the model learns to continue after its own mistakes


@dataclass(frozen=True)
class Example:
    """One sentence in the form of a training example."""

    prompt: Tensor  # [P], token ids
    audio: Tensor  # [N], audio tokens; the first is 0
    mel: Tensor  # [N, 2 F], normalised: of the token before and of the token
    pitch: Tensor  # [N, 3], of the token before, the token and the next: 0 if there is no voice, else a class

    def __len__(self) -> int:
        return len(self.prompt) + len(self.audio)


def example(prompt: Tensor, audio: Tensor, mel: Tensor, periods: Tensor, voiced: Tensor) -> Example:
    """Make an example of a clip's parts: `mel` `[N, F]` is normalised, `periods` and `voiced` `[N]` are a clip's."""
    before = torch.cat((torch.zeros_like(mel[:1]), mel[:-1]))
    kinds = torch.where(voiced, (periods.long() - _LOWEST).clamp(0, PITCH_CLASSES - 2) + 1, 0)
    padded = F.pad(kinds, (1, 1))
    return Example(prompt, audio, torch.cat((before, mel), dim=1), torch.stack((padded[:-2], kinds, padded[2:]), dim=1))


@dataclass(frozen=True)
class Batch(Tensors):
    """Examples in one batch, padded at the end."""

    tokens: Tensor  # [B, L]
    positions: Tensor  # [S]: in the flattened tokens, of the states that produce an audio token or the end
    targets: Tensor  # [S]
    described: Tensor  # [D]: those of the S states that produce an audio token
    mel: Tensor  # [D, 2 F]
    pitch: Tensor  # [D, 3]
    prompts: Tensor  # [B]: where the audio of each row begins
    lengths: Tensor  # [B]: where it ends


class TrainingModel(nn.Module):
    """The language model, and the heads that tell spectra and pitch, which only training needs."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.model = Qwen3ForCausalLM(language_model_config())
        self.model.set_attn_implementation(_ATTENTION)
        for layer in self.model.model.layers:
            layer.self_attn.o_proj.register_forward_hook(_drop)
            layer.mlp.register_forward_hook(_drop)
        self.spectrum = nn.Linear(HIDDEN, 2 * features)
        self.pitch = nn.Linear(HIDDEN, _NEIGHBOURHOOD * PITCH_CLASSES)

    def states(self, tokens: Tensor) -> Tensor:
        """Final states `[B, L, H]` of `tokens` `[B, L]`."""
        return self._hidden(tokens)[-1]

    def states_and_guided_attention_loss(self, batch: "Batch") -> tuple[Tensor, Tensor]:
        """Final states, and the guided attention loss."""
        hidden = self._hidden(batch.tokens)
        return hidden[-1], guided_attention_loss(self.model, hidden[GUIDED_LAYER], batch.prompts, batch.lengths)

    def _hidden(self, tokens: Tensor) -> tuple[Tensor, ...]:
        """The input of each layer, and the final states."""
        output = self.model.model(input_ids=tokens, use_cache=False, output_hidden_states=True)
        hidden: tuple[Tensor, ...] = output.hidden_states
        return hidden


def _causal_attention(
    _: nn.Module, query: Tensor, key: Tensor, value: Tensor, __: Tensor | None, scaling: float, **___: object
) -> tuple[Tensor, None]:
    """Attention `[B, L, heads, D]` for one key-value head; padding is at the end, so it needs no mask of its own.

    On a CPU in bfloat16, it takes a third of the time of PyTorch's fused attention, whose backward pass is slow, and a
    fifth of transformers' eager one, which adds a mask and computes the softmax in float32.
    """
    rows, heads, length, _dim = query.shape
    future = torch.full((length, length), -torch.inf, dtype=value.dtype, device=value.device).triu(1)
    scores = torch.baddbmm(
        future.repeat(heads, 1).expand(rows, -1, -1),
        query.to(value.dtype).flatten(1, 2),
        key.to(value.dtype)[:, 0].transpose(1, 2),
        alpha=scaling,
    )
    mixed = scores.softmax(dim=-1) @ value[:, 0]
    return mixed.view(rows, heads, length, -1).transpose(1, 2), None


_ATTENTION = "causal in training"
AttentionInterface.register(_ATTENTION, _causal_attention)


def _drop(module: nn.Module, _: object, output: Tensor) -> Tensor:
    """Leave out the same features at all positions of a sentence (Gal and Ghahramani 2016)."""
    kept = F.dropout(output.new_ones(output.shape[0], 1, output.shape[2]), _DROPOUT, module.training)
    return output * kept


def batches(examples: Sequence[Example], tokens: int, seed: int, *, ascending: bool = False) -> Iterator[list[Example]]:
    """Yield every example once, in batches of similar length with at most `tokens` tokens, padding included.

    The order is random, from `seed`; if `ascending`, the shortest come first.
    """
    draw = random.Random(seed)
    order = sorted(examples, key=lambda example: len(example) * draw.uniform(0.9, 1.1))
    groups: list[list[Example]] = [[]]
    longest = 0
    for example in order:
        longest = max(longest, len(example))
        if groups[-1] and (len(groups[-1]) + 1) * longest > tokens:
            groups.append([])
            longest = len(example)
        groups[-1].append(example)
    if not ascending:
        draw.shuffle(groups)
    yield from groups


def collate(examples: Sequence[Example], neighbours: Tensor | None) -> Batch:
    """Make a batch of examples. If `neighbours` are given, they replace some of the input tokens."""
    length = max(map(len, examples))
    tokens = torch.full((len(examples), length), STOP)
    positions, targets, described = [], [], []
    states = 0
    for row, example in enumerate(examples):
        start, end = len(example.prompt), len(example)
        tokens[row, :start] = example.prompt
        read = example.audio if neighbours is None else _with_replacements(example.audio, neighbours)
        tokens[row, start:end] = read + AUDIO_OFFSET
        positions.append(torch.arange(start - 1, end) + row * length)
        targets.append(torch.cat((example.audio + AUDIO_OFFSET, torch.tensor([STOP]))))
        described.append(torch.arange(len(example.audio)) + states)
        states += len(example.audio) + 1
    prompts = torch.tensor([len(example.prompt) for example in examples])
    lengths = torch.tensor([len(example) for example in examples])
    mel, pitch = (torch.cat([getattr(example, name) for example in examples]) for name in ("mel", "pitch"))
    return Batch(tokens, torch.cat(positions), torch.cat(targets), torch.cat(described), mel, pitch, prompts, lengths)


def _with_replacements(audio: Tensor, neighbours: Tensor) -> Tensor:
    swapped = neighbours[audio, torch.randint(neighbours.shape[1], audio.shape)]
    return torch.where(torch.rand(audio.shape) < _REPLACED_SHARE, swapped, audio)


def losses(model: TrainingModel, batch: Batch) -> Losses:
    """The weighted loss of a batch, and its parts."""
    with fast_products(batch.tokens.device):
        hidden, guided_attention = model.states_and_guided_attention_loss(batch)
        states = hidden.flatten(0, 1)[batch.positions]
        logits = model.model.lm_head(states).float()
        spectra = model.spectrum(states[batch.described])
        pitches = model.pitch(states[batch.described]).unflatten(1, (PITCH_CLASSES, _NEIGHBOURHOOD))
    cross_entropy = F.cross_entropy(logits, batch.targets)
    normaliser = (logits.logsumexp(dim=-1) - _NORMALISER).square().mean()
    spectrum = F.l1_loss(spectra.float(), batch.mel.float())
    pitch = F.cross_entropy(pitches.float(), batch.pitch)
    total = (
        cross_entropy
        + _NORMALISATION_WEIGHT * normaliser
        + _SPECTRUM_WEIGHT * spectrum
        + _PITCH_WEIGHT * pitch
        + _GUIDED_ATTENTION_WEIGHT * guided_attention
    )
    accuracy = (logits.argmax(dim=-1) == batch.targets).float().mean()
    metrics = {
        "cross-entropy": cross_entropy,
        "accuracy": accuracy,
        "spectrum": spectrum,
        "pitch": pitch,
        "guided attention": guided_attention,
    }
    return Losses(total, {name: value.detach() for name, value in metrics.items()})


def optimisers(model: TrainingModel) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices of the layers, AdamW for all else; weight decay for matrices only.

    After 100 steps, the cross-entropy is that of AdamW alone after 150.
    """
    inner = [weight for weight in model.model.model.layers.parameters() if weight.dim() > 1]
    known = set(map(id, inner))
    matrices = [weight for weight in model.parameters() if weight.dim() > 1 and id(weight) not in known]
    others = [weight for weight in model.parameters() if weight.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": _WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    # Updates as large as AdamW's, so both have the same learning rate.
    muon = torch.optim.Muon(inner, lr=LEARNING_RATE, weight_decay=_WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw")
    return muon, torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98), fused=True)
