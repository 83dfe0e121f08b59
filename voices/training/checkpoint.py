"""Writes a trained voice in the layout of the published Soprano checkpoint, and reads it, to train it further."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from soprano.vocos.decoder import SopranoDecoder
from torch import Tensor, nn
from transformers import Qwen3ForCausalLM

from engine.checkpoint.files import BUILTIN_KEY, CONFIG, DECODER, LANGUAGE_MODEL
from engine.checkpoint.synthetic_tokenizer import STOP
from voices.errors import VoiceError
from voices.training.model_config import language_model_config

_NORM, _HEAD, _EMBED = "model.norm.weight", "lm_head.weight", "decoder.embed.weight"

STATE_SCALE = 16.0
"""The factor by which states are scaled. If states hardly differ for a while, the engine assumes that the sentence went
wrong. Its bound is that of upstream's model, so the states have to differ as much as upstream's."""


def write(directory: Path, language_model: Qwen3ForCausalLM, decoder: SopranoDecoder) -> None:
    """Write all files except the tokenizer and the model card, in bfloat16."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / CONFIG).write_text(json.dumps(_config(), indent=2) + "\n", encoding="utf-8")
    generation = {"bos_token_id": STOP, "eos_token_id": STOP, "pad_token_id": STOP}
    (directory / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n", encoding="utf-8")
    states = {name: tensor.clone() for name, tensor in language_model.state_dict().items()}
    decoder_states = {name: tensor.clone() for name, tensor in decoder.state_dict().items()}
    states[_NORM] *= STATE_SCALE
    states[_HEAD] /= STATE_SCALE
    decoder_states[_EMBED] /= STATE_SCALE
    rounded = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in states.items()}
    save_file(rounded, directory / LANGUAGE_MODEL, metadata={"format": "pt"})
    (directory / LANGUAGE_MODEL).chmod(0o644)  # safetensors creates files that only their owner can read
    torch.save({name: _rounded(name, tensor) for name, tensor in decoder_states.items()}, directory / DECODER)


def load_language_model(directory: Path, model: Qwen3ForCausalLM) -> None:
    """Load what `write` has written. Raises `VoiceError` if `model` has other sizes."""
    states = {name: tensor.float() for name, tensor in load_file(directory / LANGUAGE_MODEL).items()}
    states[_NORM] /= STATE_SCALE
    states[_HEAD] *= STATE_SCALE
    _load(directory, model, states)


def load_decoder(directory: Path, decoder: SopranoDecoder) -> None:
    """Load what `write` has written. Raises `VoiceError` if `decoder` has other sizes."""
    states = {name: tensor.float() for name, tensor in torch.load(directory / DECODER, weights_only=True).items()}
    states[_EMBED] *= STATE_SCALE
    _load(directory, decoder, states)


def _load(directory: Path, module: nn.Module, states: Mapping[str, Tensor]) -> None:
    try:
        module.load_state_dict(states)
    except RuntimeError as error:
        raise VoiceError(f"training cannot go on from {directory}: {error}") from error


def _rounded(name: str, tensor: Tensor) -> Tensor:
    """Convert a weight to bfloat16, but not the window: rounding it would change the audio."""
    return tensor if "window" in name else tensor.to(torch.bfloat16)


def _config() -> dict[str, object]:
    """The entries of Soprano's `config.json`, and the mark of the built-in voice."""
    config = language_model_config()
    names = (
        "attention_bias",
        "attention_dropout",
        "bos_token_id",
        "eos_token_id",
        "head_dim",
        "hidden_act",
        "hidden_size",
        "initializer_range",
        "intermediate_size",
        "max_position_embeddings",
        "model_type",
        "num_attention_heads",
        "num_hidden_layers",
        "num_key_value_heads",
        "rms_norm_eps",
        "tie_word_embeddings",
        "use_sliding_window",
        "vocab_size",
    )
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "dtype": "bfloat16",
        **{name: getattr(config, name) for name in names},
        "rope_scaling": None,
        "rope_theta": 10000,
        "sliding_window": None,
        "use_cache": True,
        BUILTIN_KEY: True,
    }
