"""The draw kernel takes the tokens that `sample` takes, and changes a sentence as PyTorch's operators do."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from engine.kernels import draw
from engine.model.sampler import sample
from engine.model.sampling_table import sampling_batch
from engine.model.sentence_table import Ending, SentenceTable

CPU = torch.device("cpu")
TEMPERATURE = [0.0, 0.3, 0.7, 1.0, 1.5, 0.7, 1.0]
TOP_P = [0.95, 0.95, 0.85, 1.0, 0.5, 0.81, 0.97]
PENALTY = [1.2, 1.2, 1.0, 1.5, 0.9, 1.2, 1.1]
TOP_K = [50, 50, 10, 64, 1, 50, 0]  # 0 for all
SEED = [1, -5, 7 << 40, 123456789, 3, 9, 1 << 62]
ROWS = len(TOP_K)


@dataclass
class Slots:
    """The state of all slots; the last one is no row's."""

    table: SentenceTable
    seen: Tensor
    numbers: Tensor
    integers: Tensor

    @classmethod
    def new(cls, vocabulary: int, size: int = 8) -> "Slots":
        table = SentenceTable.new(ROWS + 1, size, CPU)
        table.ending[:] = Ending.NONE
        numbers = torch.tensor([[*column, 1.0] for column in (TEMPERATURE, TOP_P, PENALTY)])
        integers = torch.tensor([[*(k or vocabulary for k in TOP_K), 1], [*SEED, 1]])
        return cls(table, torch.zeros(ROWS + 1, vocabulary, dtype=torch.bool), numbers, integers)

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        table = self.table
        return table.columns, table.hidden, table.previous, self.seen, self.numbers, self.integers


def stable_topk(values: Tensor, k: int, dim: int) -> tuple[Tensor, Tensor]:
    """Take equal values in their order, as the kernel does; `topk` takes any."""
    ordered, index = values.sort(dim=dim, descending=True, stable=True)
    return ordered[..., :k], index[..., :k]


ROUNDINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "float32": lambda logits: logits,
    "bfloat16": lambda logits: logits.bfloat16(),
    "halves": lambda logits: (2 * logits).round() / 2,  # many are equal
    "all the same": torch.zeros_like,
}


@pytest.mark.parametrize(
    ("vocabulary", "rounding", "steps"),
    [
        *((300, "float32", 4), (300, "bfloat16", 3), (300, "halves", 3), (40, "all the same", 12)),
        (8192, "bfloat16", 1),
    ],
)
def test_tokens_are_those_of_the_sampler(
    vocabulary: int, rounding: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if rounding != "float32":
        monkeypatch.setattr(Tensor, "topk", stable_topk)
    generator = torch.Generator().manual_seed(vocabulary)
    slots = Slots.new(vocabulary)
    rows = torch.randperm(ROWS, generator=generator)
    sampling = sampling_batch(slots.numbers, slots.integers, rows, vocabulary)
    for step in range(steps):
        logits = ROUNDINGS[rounding](3 * torch.randn(ROWS, vocabulary, generator=generator))
        slots.seen[:] = torch.rand(ROWS + 1, vocabulary, generator=generator) < 0.05
        slots.table.states[:] = step
        expected = sample(logits.float(), slots.seen[rows], sampling, slots.table.states[rows])
        tokens, _ = draw.launch(logits, rows, *slots.tensors, -1)
        assert torch.equal(tokens, expected)


def test_sentences_change_as_without_the_kernel() -> None:
    generator = torch.Generator().manual_seed(0)
    kernel, operators = Slots.new(40, size=700), Slots.new(40, size=700)
    rows = torch.arange(ROWS)
    for slots in (kernel, operators):
        slots.numbers[0] = 0.0  # the temperatures, since the interpreter is slow
        slots.table.columns[5] = torch.tensor([30, 30, 30, 7, 30, 30, 30, 30])  # the limit of states
        slots.table.columns[6] = torch.tensor([1, 0, 1, 1, 1, 1, 0, 1])  # whether they are guarded
        slots.table.ending[4] = Ending.UNREAD
    endings = set()
    for step in range(30):
        logits = torch.randn(ROWS, 40, generator=generator)
        logits[:, 39] = -5 + 3 * (step == 10) * torch.arange(ROWS)  # the end token
        hidden = (0.1 if step < 25 else 9.0) * torch.randn(ROWS + 1, 700, generator=generator)
        results = []
        for slots, function in ((kernel, draw.launch), (operators, draw.draw)):
            slots.table.hidden[:] = hidden
            results.append(function(logits, rows, *slots.tensors, 39))
        assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))
        assert all(torch.equal(one, other) for one, other in zip(kernel.tensors, operators.tensors, strict=True))
        endings |= set(kernel.table.ending.tolist())
    assert endings == set(Ending)
