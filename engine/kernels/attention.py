"""Attention in one kernel: norm and rotation of queries and keys, cache write, attention over each row's own length."""

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.nn import functional as F

from engine.model.heads import Heads
from engine.model.rms_norm import RmsNorm

_LEAST_ROWS = 16  # of a matrix product


@triton.jit
def _load_rotated(x_ptr, weight_ptr, cosine, sine, column, inside, epsilon, DIM: tl.constexpr):
    """Load heads `[…, D]`, and return them normed and rotated."""
    half = (column + DIM // 2) % DIM
    x = tl.load(x_ptr + column, mask=inside, other=0.0).to(tl.float32)
    scale = tl.rsqrt(tl.sum(x * x, axis=-1, keep_dims=True) / DIM + epsilon)
    rolled = tl.load(x_ptr + half, mask=inside, other=0.0).to(tl.float32)
    x = x * scale * tl.load(weight_ptr + column, mask=inside, other=0.0)
    rolled = rolled * scale * tl.load(weight_ptr + half, mask=inside, other=0.0)
    return x * cosine + rolled * sine


@triton.jit
def _attention(
    qkv_ptr,
    norm_ptr,
    cosine_ptr,
    sine_ptr,
    slots_ptr,
    positions_ptr,
    cache_ptr,
    out_ptr,
    epsilon,
    scale,
    POSITIONS: tl.constexpr,
    KV_HEADS: tl.constexpr,
    GROUPS: tl.constexpr,
    DIM: tl.constexpr,
    BLOCK_G: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
    STORE: tl.constexpr,
    ATTEND: tl.constexpr,
):
    """One program for the key head of a row, and the queries that share it.

    With `STORE`, the new key and value are written to the cache; with `ATTEND`, the queries attend to the row's slot.
    With both, the new ones take part from registers: the cache is only read where earlier launches wrote.
    """
    row = tl.program_id(0).to(tl.int64)
    kv_head = tl.program_id(1)
    position = tl.load(positions_ptr + row)
    precision = cache_ptr.dtype.element_ty
    dim = tl.arange(0, BLOCK_D)[None, :]
    group = tl.arange(0, BLOCK_G)[:, None]
    in_dim = dim < DIM
    in_query = in_dim & (group < GROUPS)
    cosine = tl.load(cosine_ptr + position * DIM + dim, mask=in_dim, other=0.0)
    sine = tl.load(sine_ptr + position * DIM + dim, mask=in_dim, other=0.0)
    heads = qkv_ptr + row * (GROUPS + 2) * KV_HEADS * DIM
    slot = cache_ptr + tl.load(slots_ptr + row) * POSITIONS * 2 * KV_HEADS * DIM + kv_head * DIM

    if STORE:
        at_key = (GROUPS * KV_HEADS + kv_head) * DIM
        key = _load_rotated(heads + at_key, norm_ptr + at_key, cosine, sine, dim, in_dim, epsilon, DIM).to(precision)
        value = tl.load(heads + at_key + KV_HEADS * DIM + dim, mask=in_dim, other=0.0)
        new = slot + position * 2 * KV_HEADS * DIM + dim
        tl.store(new, key, mask=in_dim)
        tl.store(new + KV_HEADS * DIM, value, mask=in_dim)

    if ATTEND:
        at_query = (kv_head * GROUPS + group) * DIM
        query = _load_rotated(heads + at_query, norm_ptr + at_query, cosine, sine, dim, in_query, epsilon, DIM)
        query = query.to(precision)
        # Online softmax (Milakov and Gimelshein 2018).
        if STORE:
            largest = tl.sum(query.to(tl.float32) * key.to(tl.float32), axis=1, keep_dims=True) * scale
            total = tl.full((BLOCK_G, 1), 1.0, tl.float32)
            attended = tl.zeros((BLOCK_G, BLOCK_D), tl.float32) + value.to(tl.float32)
            end = position
        else:
            largest = tl.full((BLOCK_G, 1), -float("inf"), tl.float32)
            total = tl.zeros((BLOCK_G, 1), tl.float32)
            attended = tl.zeros((BLOCK_G, BLOCK_D), tl.float32)
            end = position + 1
        for begin in range(0, end, BLOCK_N):
            index = begin + tl.arange(0, BLOCK_N)
            stored = index < end
            at = index * 2 * KV_HEADS * DIM
            keys = tl.load(slot + at[:, None] + dim, mask=stored[:, None] & in_dim, other=0.0)
            scores = tl.dot(query, tl.trans(keys), input_precision="ieee") * scale
            scores = tl.where(stored[None, :], scores, -float("inf"))
            larger = tl.maximum(largest, tl.max(scores, axis=1, keep_dims=True))
            weights = tl.exp(scores - larger)
            shrink = tl.exp(largest - larger)
            values = tl.load(slot + at[:, None] + KV_HEADS * DIM + dim, mask=stored[:, None] & in_dim, other=0.0)
            attended = attended * shrink + tl.dot(weights.to(precision), values, input_precision="ieee")
            total = total * shrink + tl.sum(weights, axis=1, keep_dims=True)
            largest = larger
        out = out_ptr + row * GROUPS * KV_HEADS * DIM + at_query + dim
        tl.store(out, (attended / total).to(precision), mask=in_query)


def launch(
    qkv: Tensor,
    norm: Tensor,
    cosine: Tensor,
    sine: Tensor,
    slots: Tensor,
    positions: Tensor,
    cache: Tensor,
    epsilon: float,
    distinct: bool,
) -> Tensor:
    """Run the kernel; see `attention`."""
    _, limit, _, kv_heads, dim = cache.shape
    query_heads = len(norm) - kv_heads
    out = torch.empty(len(qkv), query_heads * dim, dtype=qkv.dtype, device=qkv.device)
    groups = query_heads // kv_heads
    # Rows that share a slot attend to each other's keys, which must all be stored before.
    for store, attend in [(True, True)] if distinct else [(True, False), (False, True)]:
        _attention[(len(qkv), kv_heads)](
            qkv,
            norm,
            cosine,
            sine,
            slots,
            positions,
            cache,
            out,
            epsilon,
            dim**-0.5,
            POSITIONS=limit,
            KV_HEADS=kv_heads,
            GROUPS=groups,
            DIM=dim,
            BLOCK_G=max(_LEAST_ROWS, triton.next_power_of_2(groups)),
            BLOCK_D=max(_LEAST_ROWS, triton.next_power_of_2(dim)),
            BLOCK_N=64 if cache.dtype == torch.bfloat16 else 16,
            STORE=store,
            ATTEND=attend,
        )
    return out


@torch.library.custom_op("soprano::attention", mutates_args={"cache"}, device_types="cpu")
def attention(
    qkv: Tensor,
    norm: Tensor,
    cosine: Tensor,
    sine: Tensor,
    slots: Tensor,
    positions: Tensor,
    cache: Tensor,
    epsilon: float,
    distinct: bool,  # noqa: ARG001 - on a CPU, all keys are stored first in any case
) -> Tensor:
    """Store each row's key and value, and return what its queries attend to, `[R, heads * D]`.

    `qkv` `[R, (heads + 2 * kv_heads) * D]` is what a layer projects; `norm` `[heads + kv_heads, D]` in float32 is the
    weight of the norm of queries and keys; `cosine` and `sine` `[positions, D]` are the tables of the rotation; `cache`
    `[slots, positions, 2, kv_heads, D]` has the layer's keys and values. A row attends to the positions of its slot up
    to its own; with `distinct`, no two rows have the same slot. All are contiguous.
    """
    kv_heads, dim = cache.shape[-2:]
    heads = Heads(len(norm) - kv_heads, kv_heads, dim, RmsNorm(epsilon, qkv.device), cosine, sine)
    query, keys_values = heads(qkv.clone(), norm, heads.rotary(positions))
    cache.index_put_((slots, positions), keys_values)
    span = int(positions.max()) + 1
    keys, values = cache[slots, :span].transpose(1, 3).unbind(dim=2)
    visible = torch.arange(span) <= positions[:, None]
    attended = F.scaled_dot_product_attention(query, keys, values, attn_mask=visible[:, None, None])
    return attended.reshape(len(qkv), -1)


attention.register_kernel("cuda")(launch)
