"""Guided attention: during training, one attention head is kept near the character that is being spoken.

Text and audio run in parallel, so a state in the middle of the audio has to attend to the middle of the text. A model
of this size takes a long time to learn this by itself. From "Efficiently Trainable Text-to-Speech System Based on Deep
Convolutional Networks with Guided Attention" (Tachibana et al. 2017).
"""

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Qwen3ForCausalLM
from transformers.models.qwen3.modeling_qwen3 import apply_rotary_pos_emb

GUIDED_LAYER = 2

_WIDTH = 0.08  # of the text: the usual distance of the right character from the diagonal


def guided_attention_loss(model: Qwen3ForCausalLM, layer_input: Tensor, prompts: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean guided attention loss of the first head of `GUIDED_LAYER`: 0 on the diagonal, 1 far from it.

    `layer_input` `[B, L, H]` is the input of that layer. `prompts` and `lengths` `[B]` are the positions where the
    audio of each row begins and where the row ends.
    """
    attention = _first_head(model, layer_input)
    positions = torch.arange(attention.shape[1], device=attention.device)
    # A state produces the token that comes after it.
    spoken = (positions + 1 - prompts[:, None]) / (lengths - prompts)[:, None]  # [B, L]
    read = (positions - 2) / (prompts - 3)[:, None]  # [B, L]: after [STOP][TEXT], before [START]
    penalty = 1 - torch.exp(-((spoken[:, :, None] - read[:, None, :]) ** 2) / (2 * _WIDTH**2))
    text = (positions >= 2) & (positions < (prompts - 1)[:, None])
    penalty = torch.where(text[:, None, :], penalty, 1.0)
    speaking = (positions >= (prompts - 1)[:, None]) & (positions < lengths[:, None])
    return ((attention * penalty).sum(dim=2) * speaking).sum() / speaking.sum()


def _first_head(model: Qwen3ForCausalLM, layer_input: Tensor) -> Tensor:
    """The attention `[B, L, L]` of the layer's first head, computed as the layer computes it."""
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
