"""Guided attention: while a model learns to read aloud, one of its heads is held near the place where it must be.

The text and its sounds run side by side, so a state in the middle of the audio has to look at the middle of the text.
A model of this size finds that out by itself only after a long while. From "Efficiently Trainable Text-to-Speech System
Based on Deep Convolutional Networks with Guided Attention" (Tachibana et al. 2017).
"""

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Qwen3ForCausalLM
from transformers.models.qwen3.modeling_qwen3 import apply_rotary_pos_emb

GUIDED_LAYER = 2

_WIDTH = 0.08  # of the text; how far from the diagonal the real place may well be


def straying(model: Qwen3ForCausalLM, layer_input: Tensor, prompts: Tensor, lengths: Tensor) -> Tensor:
    """Return how far the first head of `GUIDED_LAYER` looks from where it should, between 0 and 1, on average.

    `layer_input` `[B, L, H]` is what comes into that layer, `prompts` and `lengths` `[B]` say where each row's audio
    begins and where the row ends.
    """
    attention = _first_head(model, layer_input)
    places = torch.arange(attention.shape[1], device=attention.device)
    # A state produces the token that comes after it.
    spoken = (places + 1 - prompts[:, None]) / (lengths - prompts)[:, None]  # [B, L]
    read = (places - 2) / (prompts - 3)[:, None]  # [B, L]: behind [STOP][TEXT], before [START]
    stray = 1 - torch.exp(-((spoken[:, :, None] - read[:, None, :]) ** 2) / (2 * _WIDTH**2))
    text = (places >= 2) & (places < (prompts - 1)[:, None])
    stray = torch.where(text[:, None, :], stray, 1.0)
    speaking = (places >= (prompts - 1)[:, None]) & (places < lengths[:, None])
    return ((attention * stray).sum(dim=2) * speaking).sum() / speaking.sum()


def _first_head(model: Qwen3ForCausalLM, layer_input: Tensor) -> Tensor:
    """The attention `[B, L, L]` of the layer's first head, computed as the layer does."""
    layer = model.model.layers[GUIDED_LAYER]
    attention = layer.self_attn
    x = layer.input_layernorm(layer_input)
    rows, length, dim = x.shape[0], x.shape[1], attention.head_dim
    query = attention.q_norm(attention.q_proj(x).view(rows, length, -1, dim)[:, :, :1]).transpose(1, 2)
    key = attention.k_norm(attention.k_proj(x).view(rows, length, -1, dim)[:, :, :1]).transpose(1, 2)
    cosine, sine = model.model.rotary_emb(x, torch.arange(length, device=x.device)[None])
    query, key = apply_rotary_pos_emb(query, key, cosine, sine)
    scores = (query[:, 0] @ key[:, 0].transpose(1, 2)).float() / dim**0.5
    hidden = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
    return F.softmax(scores.masked_fill(hidden, -torch.inf), dim=-1)
