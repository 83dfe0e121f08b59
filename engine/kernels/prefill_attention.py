"""The attention of a prefill in two kernels: keys and values are stored before any token attends to them."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.kernels.decode_attention import _attend, _load_rotated, block_sizes, decode_attention


@triton.jit
def _store_heads(
    qkv_ptr,
    norm_ptr,
    cosine_ptr,
    sine_ptr,
    slots_ptr,
    positions_ptr,
    cache_ptr,
    query_ptr,
    epsilon,
    POSITIONS: tl.constexpr,
    KV_HEADS: tl.constexpr,
    GROUPS: tl.constexpr,
    DIM: tl.constexpr,
    BLOCK_G: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    """One program for the key head of a token: its queries to `query`, its key and value to the cache."""
    token = tl.program_id(0).to(tl.int64)
    kv_head = tl.program_id(1)
    position = tl.load(positions_ptr + token)
    dim = tl.arange(0, BLOCK_D)[None, :]
    group = tl.arange(0, BLOCK_G)[:, None]
    in_dim = dim < DIM
    in_query = in_dim & (group < GROUPS)
    cosine = tl.load(cosine_ptr + position * DIM + dim, mask=in_dim, other=0.0)
    sine = tl.load(sine_ptr + position * DIM + dim, mask=in_dim, other=0.0)
    heads = qkv_ptr + token * (GROUPS + 2) * KV_HEADS * DIM

    at_query = (kv_head * GROUPS + group) * DIM
    query = _load_rotated(heads + at_query, norm_ptr + at_query, cosine, sine, dim, in_query, epsilon, DIM)
    out = query_ptr + token * GROUPS * KV_HEADS * DIM + at_query + dim
    tl.store(out, query.to(query_ptr.dtype.element_ty), mask=in_query)

    at_key = (GROUPS * KV_HEADS + kv_head) * DIM
    key = _load_rotated(heads + at_key, norm_ptr + at_key, cosine, sine, dim, in_dim, epsilon, DIM)
    value = tl.load(heads + at_key + KV_HEADS * DIM + dim, mask=in_dim, other=0.0)
    slot = cache_ptr + tl.load(slots_ptr + token) * POSITIONS * 2 * KV_HEADS * DIM
    new = slot + (position * 2 * KV_HEADS + kv_head) * DIM + dim
    tl.store(new, key.to(cache_ptr.dtype.element_ty), mask=in_dim)
    tl.store(new + KV_HEADS * DIM, value, mask=in_dim)


@triton.jit
def _attend_cached(
    query_ptr,
    slots_ptr,
    positions_ptr,
    cache_ptr,
    scale,
    POSITIONS: tl.constexpr,
    KV_HEADS: tl.constexpr,
    GROUPS: tl.constexpr,
    DIM: tl.constexpr,
    BLOCK_G: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
):
    """One program for the key head of a token, and the queries that share it, which the result replaces."""
    token = tl.program_id(0).to(tl.int64)
    kv_head = tl.program_id(1)
    dim = tl.arange(0, BLOCK_D)[None, :]
    group = tl.arange(0, BLOCK_G)[:, None]
    in_dim = dim < DIM
    in_query = in_dim & (group < GROUPS)
    at = query_ptr + (token * GROUPS * KV_HEADS + kv_head * GROUPS + group) * DIM + dim
    query = tl.load(at, mask=in_query, other=0.0)
    slot = cache_ptr + tl.load(slots_ptr + token) * POSITIONS * 2 * KV_HEADS * DIM + kv_head * DIM
    largest = tl.full((BLOCK_G, 1), -float("inf"), tl.float32)
    total = tl.zeros((BLOCK_G, 1), tl.float32)
    attended = tl.zeros((BLOCK_G, BLOCK_D), tl.float32)
    end = tl.load(positions_ptr + token) + 1
    attended, total = _attend(query, slot, end, scale, largest, total, attended, dim, in_dim, KV_HEADS, DIM, BLOCK_N)
    tl.store(at, (attended / total).to(query_ptr.dtype.element_ty), mask=in_query)


def launch(
    qkv: Tensor,
    norm: Tensor,
    cosine: Tensor,
    sine: Tensor,
    slots: Tensor,
    positions: Tensor,
    cache: Tensor,
    epsilon: float,
) -> Tensor:
    """Run the kernels; see `prefill_attention`."""
    _, limit, _, kv_heads, dim = cache.shape
    query_heads = len(norm) - kv_heads
    groups = query_heads // kv_heads
    sizes = {"POSITIONS": limit, "KV_HEADS": kv_heads, "GROUPS": groups, "DIM": dim}
    blocks = block_sizes(groups, dim, cache.dtype)
    attended = torch.empty(len(qkv), query_heads * dim, dtype=qkv.dtype, device=qkv.device)
    grid = (len(qkv), kv_heads)
    stored = {name: blocks[name] for name in ("BLOCK_G", "BLOCK_D")}
    _store_heads[grid](qkv, norm, cosine, sine, slots, positions, cache, attended, epsilon, **sizes, **stored)
    _attend_cached[grid](attended, slots, positions, cache, dim**-0.5, **sizes, **blocks)
    return attended


@torch.library.custom_op("soprano::prefill_attention", mutates_args={"cache"}, device_types="cpu")
def prefill_attention(
    qkv: Tensor,
    norm: Tensor,
    cosine: Tensor,
    sine: Tensor,
    slots: Tensor,
    positions: Tensor,
    cache: Tensor,
    epsilon: float,
) -> Tensor:
    """Store each token's key and value, and return what its queries attend to, `[T, heads * D]`.

    As `decode_attention`, but a slot may have many tokens, and each attends to all that are stored before it.
    """
    attended: Tensor = decode_attention(qkv, norm, cosine, sine, slots, positions, cache, epsilon)
    return attended


prefill_attention.register_kernel("cuda")(launch)
