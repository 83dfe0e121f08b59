"""Sampling: upstream's order and defaults, and noise that depends only on its arguments."""

from typing import Any

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from engine.model.sampler import SamplingBatch, gumbel_noise, sample

VOCABULARY = 300


def batch(
    rows: int, *, temperature: float = 0.0, top_k: int = 50, top_p: float = 0.95, penalty: float = 1.2, seed: int = 0
) -> SamplingBatch:
    return SamplingBatch(
        temperature=torch.full((rows,), temperature),
        top_k=torch.full((rows,), top_k),
        top_p=torch.full((rows,), top_p),
        repetition_penalty=torch.full((rows,), penalty),
        seed=torch.full((rows,), seed),
        greedy=temperature == 0,
        largest_top_k=top_k,
    )


def draw(logits: Tensor, parameters: SamplingBatch, draws: int, seen: Tensor | None = None) -> Tensor:
    """Sample `draws` times from one row of logits; each sample has its own seed."""
    if seen is None:
        seen = torch.zeros_like(logits, dtype=torch.bool)
    return sample(logits.expand(draws, -1), seen.expand(draws, -1), parameters, torch.zeros(draws, dtype=torch.int64))


def with_seeds(parameters: SamplingBatch) -> SamplingBatch:
    return SamplingBatch(**vars(parameters) | {"seed": torch.arange(len(parameters.seed))})


def test_temperature_zero_takes_the_largest() -> None:
    logits = torch.randn(4, VOCABULARY)
    seen = torch.zeros(4, VOCABULARY, dtype=torch.bool)
    assert torch.equal(sample(logits, seen, batch(4), torch.zeros(4, dtype=torch.int64)), logits.argmax(-1))


def test_the_penalty_covers_every_seen_token() -> None:
    logits = torch.tensor([[2.0, 1.9, -1.0]])
    seen = torch.tensor([[True, False, False]])
    assert sample(logits, seen, batch(1), torch.zeros(1, dtype=torch.int64)).tolist() == [1]


def test_draws_follow_the_distribution_of_the_reference() -> None:
    generator = torch.Generator().manual_seed(1)
    logits = 2 * torch.randn(1, VOCABULARY, generator=generator)
    prompt = torch.randint(VOCABULARY, (1, 40), generator=generator)
    seen = torch.zeros(1, VOCABULARY, dtype=torch.bool).scatter_(1, prompt, True)
    reference = LogitsProcessorList(
        [
            RepetitionPenaltyLogitsProcessor(1.2),
            TemperatureLogitsWarper(0.8),
            TopKLogitsWarper(20),
            TopPLogitsWarper(0.9),
        ]
    )
    expected = reference(prompt, logits).softmax(-1)[0]  # type: ignore[arg-type]  # a LongTensor by another name
    draws = 40_000
    tokens = draw(logits, with_seeds(batch(draws, temperature=0.8, top_k=20, top_p=0.9)), draws, seen)
    frequencies = torch.bincount(tokens, minlength=VOCABULARY) / draws
    assert set(tokens.tolist()) <= set(expected.nonzero().flatten().tolist())
    assert (frequencies - expected).abs().max() < 0.01


def test_rows_of_any_parameters_share_a_batch() -> None:
    logits = torch.randn(1, VOCABULARY, generator=torch.Generator().manual_seed(2)).expand(3, -1)
    seen = torch.zeros(3, VOCABULARY, dtype=torch.bool)
    step = torch.zeros(3, dtype=torch.int64)
    mixed = SamplingBatch(
        temperature=torch.tensor([0.0, 0.7, 1.5]),
        top_k=torch.tensor([50, 5, VOCABULARY]),
        top_p=torch.tensor([0.95, 0.5, 1.0]),
        repetition_penalty=torch.tensor([1.2, 1.0, 1.1]),
        seed=torch.tensor([1, 2, 3]),
        greedy=False,
        largest_top_k=VOCABULARY,
    )
    together = sample(logits, seen, mixed, step)
    for row in range(3):
        values: dict[str, Any] = {
            name: value[[row]] if isinstance(value, Tensor) else value for name, value in vars(mixed).items()
        }
        alone = SamplingBatch(**values)
        assert sample(logits[[row]], seen[[row]], alone, step[[row]]).tolist() == [int(together[row])]


def test_noise_depends_on_seed_step_and_token_alone() -> None:
    tokens = torch.arange(VOCABULARY)[None]
    noise = gumbel_noise(torch.tensor([5]), torch.tensor([3]), tokens)
    assert torch.equal(noise, gumbel_noise(torch.tensor([5]), torch.tensor([3]), tokens))
    assert torch.equal(noise.flip(-1), gumbel_noise(torch.tensor([5]), torch.tensor([3]), tokens.flip(-1)))
    for seed, step in ((6, 3), (5, 4), (-5, 3), (5 + (1 << 40), 3)):
        other = gumbel_noise(torch.tensor([seed]), torch.tensor([step]), tokens)
        assert torch.corrcoef(torch.cat((noise, other)))[0, 1].abs() < 0.2


def test_noise_is_gumbel() -> None:
    noise = gumbel_noise(torch.arange(200), torch.zeros(200, dtype=torch.int64), torch.arange(500).expand(200, -1))
    assert abs(noise.mean().item() - 0.5772) < 0.02  # Euler's constant
    assert abs(noise.var().item() - torch.pi**2 / 6) < 0.05
