"""Drawing a token and all that follows from it, in one kernel: a program for each row."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.model import drawing
from engine.model.hallucination import DISTANCE_THRESHOLD, LONGEST_RUN
from engine.model.sampling_table import sampling_batch
from engine.model.sentence_table import Ending, SentenceTable

_WARPS = 8
_LEAST_CANDIDATES = 64
_THRESHOLD = tl.constexpr(DISTANCE_THRESHOLD)
_LONGEST_RUN = tl.constexpr(LONGEST_RUN)
_NONE = tl.constexpr(int(Ending.NONE))
_END_TOKEN = tl.constexpr(int(Ending.END_TOKEN))
_LIMIT = tl.constexpr(int(Ending.LIMIT))
_HALLUCINATION = tl.constexpr(int(Ending.HALLUCINATION))


@triton.jit
def _mix(x):
    """See `engine.model.sampler`; 32 bits in 64."""
    x = (x + 0x9E3779B9) & 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


@triton.jit
def _gumbel(state, token):
    bits = _mix(_mix(state ^ token.to(tl.uint64)) ^ token.to(tl.uint64))
    uniform = (bits.to(tl.float64) + 0.5) / 4294967296.0
    return -tl.log(-tl.log(uniform)).to(tl.float32)


@triton.jit
def _nth_largest(values, n):
    """Return the n-th largest of `values`, by bisection: unsigned integers that are ordered as the values are."""
    bits = values.to(tl.uint32, bitcast=True)
    order = tl.where(bits >= 0x80000000, ~bits, bits | 0x80000000)
    found = tl.full((), 0, tl.uint32)
    bit = tl.full((), 0x80000000, tl.uint32)
    for _ in range(32):
        enough = tl.sum((order >= (found | bit)).to(tl.int32), axis=0) >= n
        found = tl.where(enough, found | bit, found)
        bit = bit >> 1
    return tl.where(found >= 0x80000000, found ^ 0x80000000, ~found).to(tl.float32, bitcast=True)


@triton.jit
def _sampled(logits, token, temperature, top_k, top_p, state, BLOCK: tl.constexpr):
    """Return the sampled token, or `token` at temperature 0.

    The logits are taken from the largest on, equal ones in the order of their tokens, until top-k or top-p ends them.
    """
    if temperature > 0:
        divisor = tl.maximum(temperature, 1e-6)
        largest = tl.div_rn(tl.max(logits, axis=0), divisor)
        last = _nth_largest(logits, top_k)
        larger = logits > last
        total = tl.sum(tl.where(larger, tl.exp(tl.div_rn(logits, divisor) - largest), 0.0), axis=0)
        equal = (top_k - tl.sum(larger.to(tl.int32), axis=0)).to(tl.float32)
        total += equal * tl.exp(tl.div_rn(last, divisor) - largest)
        best = tl.full((), -float("inf"), tl.float32)
        mass = tl.full((), 0.0, tl.float32)
        rank = tl.full((), 0, tl.int32)
        while (rank < top_k) & ((rank == 0) | (mass < top_p)):
            value, candidate = tl.max(logits, axis=0, return_indices=True)
            scaled = tl.div_rn(value, divisor)
            score = scaled + _gumbel(state, candidate)
            token = tl.where(score > best, candidate, token)
            best = tl.maximum(best, score)
            mass += tl.exp(scaled - largest) / total
            logits = tl.where(tl.arange(0, BLOCK) == candidate, -float("inf"), logits)
            rank += 1
    return token


@triton.jit
def _draw(
    logits_ptr,
    slots_ptr,
    columns_ptr,
    hidden_ptr,
    previous_ptr,
    seen_ptr,
    numbers_ptr,
    integers_ptr,
    tokens_ptr,
    goes_on_ptr,
    END: tl.constexpr,
    SLOTS: tl.constexpr,
    SIZE: tl.constexpr,
    VOCABULARY: tl.constexpr,
    BLOCK_H: tl.constexpr,
    BLOCK_V: tl.constexpr,
):
    """See `SentenceTable` for the columns, `SamplingTable` for numbers and integers."""
    row = tl.program_id(0).to(tl.int64)
    slot = tl.load(slots_ptr + row)
    columns = columns_ptr + slot
    states = tl.load(columns + SLOTS)
    ending = tl.load(columns + 3 * SLOTS)
    similar = tl.load(columns + 4 * SLOTS)
    limit = tl.load(columns + 5 * SLOTS)
    guarded = tl.load(columns + 6 * SLOTS)
    temperature = tl.load(numbers_ptr + slot)
    top_p = tl.load(numbers_ptr + SLOTS + slot)
    penalty = tl.load(numbers_ptr + 2 * SLOTS + slot)
    top_k = tl.load(integers_ptr + slot).to(tl.int32)
    seed = tl.load(integers_ptr + SLOTS + slot).to(tl.uint64)
    channel = tl.arange(0, BLOCK_H)
    in_size = channel < SIZE
    hidden = tl.load(hidden_ptr + slot * SIZE + channel, mask=in_size, other=0.0)
    previous = tl.load(previous_ptr + slot * SIZE + channel, mask=in_size, other=0.0)
    distance = tl.sum(tl.abs(hidden - previous), axis=0)

    entry = tl.arange(0, BLOCK_V)
    inside = entry < VOCABULARY
    logits = tl.load(logits_ptr + row * VOCABULARY + entry, mask=inside, other=-float("inf")).to(tl.float32)
    seen = tl.load(seen_ptr + slot * VOCABULARY + entry, mask=inside, other=0)
    penalised = tl.where(logits > 0, tl.div_rn(logits, penalty), logits * penalty)
    logits = tl.where(seen != 0, penalised, logits)
    token = tl.minimum(tl.argmax(logits, axis=0), VOCABULARY - 1)
    state = _mix(_mix(_mix(seed & 0xFFFFFFFF) ^ (seed >> 32)) ^ states.to(tl.uint64))
    token = _sampled(logits, token, temperature, top_k, top_p, state, BLOCK_V)
    tl.store(tokens_ptr + row, token.to(tl.int64))

    tl.debug_barrier()  # until all threads have read what is written below
    speaking = ending == _NONE
    ends = speaking & (token == END)
    grows = speaking & (token != END)
    is_similar = (states > 0) & (distance < _THRESHOLD)
    run = tl.where(is_similar, similar + 1, tl.maximum(similar - 1, 0))
    ending = tl.where(ends, _END_TOKEN, ending)
    ending = tl.where(grows & (states + 1 == limit), _LIMIT, ending)
    ending = tl.where(grows & (guarded > 0) & (run > _LONGEST_RUN), _HALLUCINATION, ending)
    tl.store(columns + SLOTS, states + 1, mask=grows)
    tl.store(columns + 3 * SLOTS, ending, mask=speaking)
    tl.store(columns + 4 * SLOTS, run, mask=grows)
    tl.store(previous_ptr + slot * SIZE + channel, hidden, mask=in_size & grows)
    tl.store(seen_ptr + slot * VOCABULARY + token, 1, mask=grows)
    tl.store(goes_on_ptr + row, (grows & (ending == _NONE)).to(tl.uint8))


def launch(
    logits: Tensor,
    slots: Tensor,
    columns: Tensor,
    hidden: Tensor,
    previous: Tensor,
    seen: Tensor,
    numbers: Tensor,
    integers: Tensor,
    end_token: int,
) -> tuple[Tensor, Tensor]:
    """Run the kernel; see `draw`."""
    rows, vocabulary = logits.shape
    tokens = torch.empty(rows, dtype=torch.int64, device=logits.device)
    goes_on = torch.empty(rows, dtype=torch.bool, device=logits.device)
    _draw[(rows,)](
        logits,
        slots,
        columns,
        hidden,
        previous,
        seen.view(torch.uint8),
        numbers,
        integers,
        tokens,
        goes_on.view(torch.uint8),
        END=end_token,
        SLOTS=columns.shape[1],
        SIZE=hidden.shape[1],
        VOCABULARY=vocabulary,
        BLOCK_H=triton.next_power_of_2(hidden.shape[1]),
        BLOCK_V=triton.next_power_of_2(vocabulary),
        num_warps=_WARPS,
    )
    return tokens, goes_on


@torch.library.custom_op("soprano::draw", mutates_args={"columns", "previous", "seen"}, device_types="cpu")
def draw(
    logits: Tensor,
    slots: Tensor,
    columns: Tensor,
    hidden: Tensor,
    previous: Tensor,
    seen: Tensor,
    numbers: Tensor,
    integers: Tensor,
    end_token: int,
) -> tuple[Tensor, Tensor]:
    """Draw a token of each row from `logits` `[R, V]`; return the tokens `[R]`, and which sentences go on, `[R]`.

    `columns`, `hidden` and `previous` are a `SentenceTable`, `numbers` and `integers` the columns of a
    `SamplingTable`, `seen` is `[slots, V]`. All are contiguous. Of logits that are equal, the kernel takes the lower
    tokens first; PyTorch's `topk` takes any.
    """
    rows = drawing.StepRows(slots, slots)
    candidates = min(max(_LEAST_CANDIDATES, int(integers[0, slots].max())), logits.shape[1])
    sampling = sampling_batch(numbers, integers, slots, candidates)
    return drawing.draw(SentenceTable(columns, hidden, previous), seen, end_token, rows, logits, sampling)


draw.register_kernel("cuda")(launch)
