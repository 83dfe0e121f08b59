"""Samples tokens from logits, for a whole batch and without state.

Order and defaults are upstream's: repetition penalty, temperature, top-k, top-p, sampling. A token is sampled with the
Gumbel-max trick. Its noise depends only on (seed, step, token id), so that a request gives the same audio in any batch.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SamplingBatch:
    """Sampling parameters of each row, `[R]`."""

    temperature: Tensor  # float32; 0 takes the largest logit
    top_k: Tensor  # int64; the size of the vocabulary means all tokens
    top_p: Tensor  # float32
    repetition_penalty: Tensor  # float32
    seed: Tensor  # int64
    greedy: bool  # whether every temperature is 0
    largest_top_k: int  # the largest `top_k`


def sample(logits: Tensor, seen: Tensor, parameters: SamplingBatch, step: Tensor) -> Tensor:
    """Return the next token of each row, `[R]`.

    `logits` is `[R, V]` in float32, `seen` `[R, V]` marks the tokens of the prompt and of the output so far, `step`
    `[R]` is the number of tokens sampled before.
    """
    penalised = penalise(logits, seen, parameters.repetition_penalty)
    best = penalised.argmax(dim=-1)
    if parameters.greedy:
        return best
    drawn = _draw(penalised, parameters, step)
    return torch.where(parameters.temperature > 0, drawn, best)


def penalise(logits: Tensor, seen: Tensor, penalty: Tensor) -> Tensor:
    """Apply the repetition penalty to the logits of `seen` tokens (CTRL, Keskar et al. 2019)."""
    factor = penalty[:, None]
    return torch.where(seen, torch.where(logits > 0, logits / factor, logits * factor), logits)


def _draw(logits: Tensor, parameters: SamplingBatch, step: Tensor) -> Tensor:
    values, tokens = logits.topk(parameters.largest_top_k, dim=-1)  # sorted, largest first
    # The caller replaces rows with temperature 0; the clamp only keeps their values finite.
    scaled = values / parameters.temperature.clamp(min=1e-6)[:, None]
    rank = torch.arange(parameters.largest_top_k, device=logits.device)
    scaled = scaled.masked_fill(rank >= parameters.top_k[:, None], -torch.inf)
    probabilities = scaled.softmax(dim=-1)
    mass_before = probabilities.cumsum(dim=-1) - probabilities
    # The most probable token is always kept.
    scaled = scaled.masked_fill((mass_before >= parameters.top_p[:, None]) & (rank > 0), -torch.inf)
    choice = (scaled + gumbel_noise(parameters.seed, step, tokens)).argmax(dim=-1, keepdim=True)
    return tokens.gather(-1, choice).squeeze(-1)


def gumbel_noise(seed: Tensor, step: Tensor, tokens: Tensor) -> Tensor:
    """Return Gumbel(0, 1) noise `[R, K]` for `tokens` `[R, K]`: a pure function of its arguments."""
    state = _mix(seed & _MASK)
    state = _mix(state ^ ((seed >> 32) & _MASK))
    state = _mix(state ^ step)[:, None]
    bits = _mix(_mix(state ^ tokens) ^ tokens)
    uniform = (bits.double() + 0.5) / 2**32  # in the open interval (0, 1)
    return -torch.log(-torch.log(uniform)).float()


_MASK = 0xFFFFFFFF


def _mix(x: Tensor) -> Tensor:
    """Mix 32 bits held in int64 (the `lowbias32` permutation of Chris Wellons, 2018, after a golden-ratio step)."""
    x = (x + 0x9E3779B9) & _MASK
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _MASK
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _MASK
    return x ^ (x >> 16)
