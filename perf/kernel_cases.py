"""Arguments for every kernel of the engine, to compare it with what it stands for, and to compile it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map_only

from engine.kernels import add_norm, attention, convnext_front, draw, overlap_add, swiglu
from engine.model.decoder import UNKNOWN_LENGTH
from engine.model.heads import rotary_tables
from engine.model.sentence_table import Ending, SentenceTable
from perf.kernel_measurements import InterpreterError

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Sizes:
    """The dimensions of the arguments."""

    rows: int
    hidden: int
    intermediate: int
    vocabulary: int
    query_heads: int
    kv_heads: int
    head_dim: int
    positions: int
    channels: int
    frames: int
    hop: int


SMALL = Sizes(
    rows=5,
    hidden=96,
    intermediate=700,
    vocabulary=300,
    query_heads=6,
    kv_heads=2,
    head_dim=24,
    positions=150,
    channels=200,
    frames=8,
    hop=200,
)
"""For Triton's interpreter, which is slow. None is a power of two, if it need not be."""

PUBLISHED = Sizes(
    rows=64,
    hidden=512,
    intermediate=2304,
    vocabulary=8192,
    query_heads=4,
    kv_heads=1,
    head_dim=128,
    positions=846,
    channels=768,
    frames=32,
    hop=512,
)
"""Those of Soprano-1.1-80M."""


@dataclass(frozen=True)
class Case:
    """A kernel with arguments on the CPU."""

    name: str
    operator: Callable[..., Any]
    """The operator of PyTorch's dispatcher: on a CPU, what the kernel stands for."""
    launch: Callable[..., Any]
    arguments: tuple[Any, ...]

    def run(self, function: Callable[..., Any], device: torch.device = CPU) -> list[Tensor]:
        """Call `operator` or `launch` on copies; return all tensors that it may have changed, and its results."""
        arguments = tree_map_only(Tensor, lambda tensor: tensor.to(device, copy=True), self.arguments)
        results = function(*arguments)
        return [each.cpu() for each in tree_leaves((arguments, results)) if isinstance(each, Tensor)]

    def error(self, device: torch.device = CPU) -> float:
        """Return the largest difference of the kernel's results from those of the operator on a CPU.

        On a CPU, the kernel is run by the interpreter. It is infinite if integers differ.
        """
        pairs = zip(self.run(self.launch, device), self.run(self.operator), strict=True)
        return max(_difference(actual, expected) for actual, expected in pairs)


def interpreter_errors() -> list[InterpreterError]:
    """Run all kernels. `TRITON_INTERPRET` must have been 1 when Triton was imported."""
    return [InterpreterError(case.name, case.error()) for case in cases(SMALL, torch.float32)]


def _difference(actual: Tensor, expected: Tensor) -> float:
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return float("inf")
    if not actual.is_floating_point() or not actual.numel():
        return 0.0 if torch.equal(actual, expected) else float("inf")
    return float((actual.float() - expected.float()).abs().nan_to_num(torch.inf).max())


def cases(sizes: Sizes, dtype: torch.dtype) -> Iterator[Case]:
    """Yield a case for each kernel, or several, with random weights in `dtype`."""
    random = torch.Generator().manual_seed(0)

    def values(*shape: int, dtype: torch.dtype = dtype) -> Tensor:
        return torch.randn(*shape, generator=random).to(dtype)

    single = torch.float32
    rows, hidden = sizes.rows, sizes.hidden
    residual = (values(rows, hidden, dtype=single), values(rows, hidden), values(hidden, dtype=single), 1e-6)
    yield Case("add_norm", add_norm.add_norm, add_norm.launch, (*residual, dtype))
    yield Case("add_norm, last", add_norm.add_norm, add_norm.launch, (*residual, single))
    yield Case("swiglu", swiglu.swiglu, swiglu.launch, (values(rows, 2 * sizes.intermediate),))
    yield Case("decode_attention", attention.attention, attention.launch, (*_attention(sizes, values), True))
    yield Case("draw", draw.draw, draw.launch, _drawing(sizes, values))
    for taps in (3, 1):
        name = f"convnext_front, {taps} taps"
        yield Case(name, convnext_front.convnext_front, convnext_front.launch, _block(sizes, values, taps))
    yield Case("prefill_attention", attention.attention, attention.launch, (*_prompts(sizes, values), False))
    for quantise in (True, False):
        name = f"overlap_add, {'int16' if quantise else 'float32'}"
        yield Case(name, overlap_add.overlap_add, overlap_add.launch, (*_overlap(sizes, values), quantise))


def _attention(sizes: Sizes, values: Callable[..., Tensor]) -> tuple[Any, ...]:
    """The rows are at all kinds of positions, from the first to the last; the slots are in no order."""
    heads = sizes.query_heads + sizes.kv_heads
    slots = _some(sizes.rows, sizes.rows + 1)
    positions = torch.linspace(0, sizes.positions - 1, sizes.rows).long()
    return (
        values(sizes.rows, (heads + sizes.kv_heads) * sizes.head_dim),
        values(heads, sizes.head_dim, dtype=torch.float32),
        *rotary_tables(sizes.head_dim, 1e4, sizes.positions, CPU),
        slots,
        positions,
        values(sizes.rows + 1, sizes.positions, 2, sizes.kv_heads, sizes.head_dim),
        1e-6,
    )


def _block(sizes: Sizes, values: Callable[..., Tensor], taps: int) -> tuple[Any, ...]:
    channels = sizes.channels
    x, context = values(sizes.rows, sizes.frames, channels), values(sizes.rows + 1, taps - 1, channels)
    return x, context, *_sentences(sizes), values(taps, channels), *(values(channels) for _ in range(3)), 2


def _prompts(sizes: Sizes, values: Callable[..., Tensor]) -> tuple[Any, ...]:
    """A prompt from its beginning, and a chunk of another, between two tokens of padding.

    The last tokens come first, so that no program finds the keys that it needs stored by chance.
    """
    qkv, norm, cosine, sine, _, _, cache, epsilon = _attention(replace(sizes, rows=12), values)
    slots = torch.tensor([0, *[3] * 5, *[1] * 5, 0])
    positions = torch.tensor([0, *range(4, -1, -1), *range(74, 69, -1), 0])
    return qkv, norm, cosine, sine, slots, positions, cache, epsilon


def _overlap(sizes: Sizes, values: Callable[..., Tensor]) -> tuple[Any, ...]:
    """Sums that are exact in any order, so that all roundings are the same."""
    window = 2.0 ** torch.arange(4 * sizes.hop).remainder(5).sub(3)
    waves, tail = (
        values(*shape, dtype=torch.bfloat16).float() / 4
        for shape in ((sizes.rows, sizes.frames, 4 * sizes.hop), (sizes.rows + 1, 3, sizes.hop))
    )
    return waves, window, tail, *_sentences(sizes), 3


def _sentences(sizes: Sizes) -> tuple[Tensor, Tensor, Tensor]:
    """Return slots, and the first and the last frames: at the beginning, in the middle, and at the end of sentences."""
    slots = _some(sizes.rows, sizes.rows + 1)
    first = torch.linspace(-sizes.frames, 2 * sizes.frames, sizes.rows).long()
    end = torch.where(torch.arange(sizes.rows) % 2 == 0, UNKNOWN_LENGTH, first + sizes.frames // 2)
    return slots, first, end


def _drawing(sizes: Sizes, values: Callable[..., Tensor]) -> tuple[Any, ...]:
    """Some sentences draw at random, some take the largest logit; one has not begun, one reaches its limit."""
    slots, vocabulary = sizes.rows + 1, sizes.vocabulary
    table = SentenceTable.new(slots, sizes.hidden, CPU)
    table.ending[1:] = Ending.NONE
    table.states.copy_(torch.arange(slots))
    table.columns[5] = sizes.rows  # the limit of states
    numbers, integers = torch.ones(3, slots), torch.arange(2 * slots).view(2, slots) % 50 + 1
    numbers[0] = torch.arange(slots) % 3 * 0.5
    numbers[1:] = torch.tensor([[0.9], [1.2]])
    return (
        _logits(sizes, values),
        torch.arange(sizes.rows),
        *(table.columns, table.hidden, table.previous),
        torch.arange(slots * vocabulary).view(slots, vocabulary) % 11 == 0,
        *(numbers, integers),
        0,
    )


def _logits(sizes: Sizes, values: Callable[..., Tensor]) -> Tensor:
    """No two of the largest are equal in any precision: PyTorch's `topk` takes any of those that are."""
    logits = values(sizes.rows, sizes.vocabulary).clamp(max=3.9)
    largest = torch.arange(4.0, 8.0, 1 / 32).to(logits.dtype)
    for seed, row in enumerate(logits):
        row[_some(len(largest), sizes.vocabulary, seed)] = largest
    return logits


def _some(count: int, limit: int, seed: int = 0) -> Tensor:
    """Return some numbers below `limit`, in no order."""
    return torch.randperm(limit, generator=torch.Generator().manual_seed(seed))[:count]
