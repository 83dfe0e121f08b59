"""Begins the language model's training with what another voice's model knows of reading.

Letters, their sounds and the way along a text are learnt slowly and are the same for every voice. What the audio tokens
mean is not: their weights begin anew, spread as the other's are.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import Qwen3ForCausalLM

from engine.checkpoint.files import CONFIG, LANGUAGE_MODEL
from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET
from voices.errors import VoiceError
from voices.training import model_config
from voices.training.checkpoint import STATE_SCALE

_EMBEDDING, _HEAD, _NORM = "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"
_HEAD_SPREAD = 0.3  # of the other's, so that no token is likely at first


def warm_start(model: Qwen3ForCausalLM, directory: Path, seed: int) -> None:
    """Load the weights of the voice in `directory`, which `make voice` wrote.

    Raises `VoiceError` if its layers or its text tokens have other sizes.
    """
    weights = {name: weight.float() for name, weight in load_file(directory / LANGUAGE_MODEL).items()}
    vocabulary = int(json.loads((directory / CONFIG).read_text(encoding="utf-8"))["vocab_size"])
    known = vocabulary - AUDIO_OFFSET - model_config.TEXT_TOKENS
    weights[_NORM] /= STATE_SCALE
    weights[_HEAD] *= STATE_SCALE
    draw = torch.Generator().manual_seed(seed)
    weights[_EMBEDDING] = _with_new_audio(weights[_EMBEDDING], known, 1.0, draw)
    weights[_HEAD] = _with_new_audio(weights[_HEAD], known, _HEAD_SPREAD, draw)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise VoiceError(f"training cannot begin with {directory}: {error}") from error


def _with_new_audio(rows: Tensor, known: int, spread: float, draw: torch.Generator) -> Tensor:
    """`rows` of a vocabulary, with new rows for the audio tokens."""
    special, audio, text = torch.split(rows, [AUDIO_OFFSET, known, len(rows) - AUDIO_OFFSET - known])
    noise = torch.randn(model_config.AUDIO_TOKENS, rows.shape[1], generator=draw)
    return torch.cat((special, audio.mean(dim=0) + spread * audio.std(dim=0) * noise, text))
