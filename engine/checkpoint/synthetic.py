"""Synthetic checkpoints: random weights in Soprano's layout that end sentences at a speech-like length.

They are for tests, and for machines that cannot download the published weights. They make noise, not speech.

Three residual channels implement the end of a sentence. Every token writes C = 4, and every audio token A = 4. Layer 0
attends evenly over the sequence and writes E = K * (mean A - r * mean C), which becomes positive when the share of
audio tokens exceeds r. The head's end-of-sentence row reads only E. So a sentence of p prompt tokens ends after about
p * r / (1 - r) audio tokens.
"""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.checkpoint.files import CONFIG, DECODER, LANGUAGE_MODEL, SYNTHETIC_KEY
from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET, STOP, write_tokenizer
from engine.errors import CheckpointError

Size = Literal["full", "small", "tiny"]
"""`full` is as large as the published model; `small` has a small language model; `tiny` also has a small decoder. Only
this engine loads `tiny`, because upstream's code has fixed decoder dimensions."""

# The residual channels E, C and A.
_END, _CONSTANT, _AUDIO = 0, 1, 2
_SHARE = 0.6
_GAIN = 60.0
_LEVEL = 4.0

_DECODER_LAYERS = 8
_FFT_SIZE = 2048


@dataclass(frozen=True)
class _Dimensions:
    """The dimensions of the language model and of the decoder."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    head_dim: int
    audio_tokens: int
    text_tokens: int
    decoder_dtype: torch.dtype
    decoder_channels: int = 768

    @property
    def vocab_size(self) -> int:
        return AUDIO_OFFSET + self.audio_tokens + self.text_tokens

    @property
    def text_offset(self) -> int:
        return AUDIO_OFFSET + self.audio_tokens


_SIZES: dict[Size, _Dimensions] = {
    "full": _Dimensions(512, 2304, 17, 4, 128, 8000, 188, torch.float32),
    # The hidden size is fixed in upstream's code too.
    "small": _Dimensions(512, 256, 3, 4, 32, 1000, 60, torch.bfloat16),
    "tiny": _Dimensions(512, 256, 3, 4, 32, 1000, 60, torch.bfloat16, decoder_channels=64),
}


def write_synthetic(path: Path, size: Size = "full", seed: int = 0) -> None:
    """Write a synthetic checkpoint to the directory `path`, atomically.

    Upstream's `SopranoTTS(model_path=…)` loads it too, except for `tiny`. Raises `CheckpointError` if `path` exists or
    cannot be written.
    """
    if path.exists():
        raise CheckpointError(f"{path} exists already; remove it or name another directory")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise CheckpointError(f"cannot write to {path.parent} ({error.strerror}); name another directory") from error
    try:
        _write_files(partial, _SIZES[size], seed)
        partial.chmod(0o755)
        os.rename(partial, path)
    except OSError as error:
        raise CheckpointError(f"cannot write {path} ({error.strerror}); free some space or name another") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_files(path: Path, dimensions: _Dimensions, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    _write_json(path / CONFIG, _config(dimensions))
    _write_json(path / "generation_config.json", {"bos_token_id": STOP, "eos_token_id": STOP, "pad_token_id": STOP})
    write_tokenizer(path, dimensions.audio_tokens, dimensions.text_tokens)
    save_file(_language_model(dimensions, generator), path / LANGUAGE_MODEL, metadata={"format": "pt"})
    torch.save(_decoder(dimensions, generator), path / DECODER)
    # safetensors creates files that only their owner can read; the server may run as another user.
    (path / LANGUAGE_MODEL).chmod(0o644)
    (path / "README.md").write_text("Random weights in Soprano's layout. They make noise, not speech.\n")


def _write_json(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _config(dimensions: _Dimensions) -> dict[str, object]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": STOP,
        "dtype": "bfloat16",
        "eos_token_id": STOP,
        "head_dim": dimensions.head_dim,
        "hidden_act": "silu",
        "hidden_size": dimensions.hidden_size,
        "initializer_range": 0.04,
        "intermediate_size": dimensions.intermediate_size,
        "max_position_embeddings": 512,
        "max_window_layers": dimensions.num_hidden_layers,
        "model_type": "qwen3",
        "num_attention_heads": dimensions.num_attention_heads,
        "num_hidden_layers": dimensions.num_hidden_layers,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 10000,
        "sliding_window": None,
        "tie_word_embeddings": False,
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": dimensions.vocab_size,
        SYNTHETIC_KEY: True,
    }


def _language_model(dimensions: _Dimensions, generator: torch.Generator) -> dict[str, Tensor]:
    embedding = _embedding(dimensions, generator)
    state = {
        "model.embed_tokens.weight": embedding,
        # Channels C, A and E take much of the norm; the scale makes states differ enough for the hallucination guard.
        "model.norm.weight": torch.full((dimensions.hidden_size,), 16.0),
        "lm_head.weight": _head(dimensions, embedding, generator),
    }
    for index in range(dimensions.num_hidden_layers):
        for name, tensor in _layer(dimensions, generator, counts_audio=index == 0).items():
            state[f"model.layers.{index}.{name}"] = tensor
    return {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in state.items()}


def _embedding(dimensions: _Dimensions, generator: torch.Generator) -> Tensor:
    embedding = torch.randn(dimensions.vocab_size, dimensions.hidden_size, generator=generator)
    embedding[:, _END] = 0
    embedding[:, _CONSTANT] = _LEVEL
    embedding[:, _AUDIO] = 0
    embedding[AUDIO_OFFSET : dimensions.text_offset, _AUDIO] = _LEVEL
    return embedding


def _head(dimensions: _Dimensions, embedding: Tensor, generator: torch.Generator) -> Tensor:
    """Return the output projection: random rows for audio tokens, the row that reads E, and all others suppressed."""
    head = 0.3 * torch.randn(dimensions.vocab_size, dimensions.hidden_size, generator=generator)
    # No token may make itself likely: it would repeat, which the hallucination guard detects.
    affinity = (head * embedding).sum(dim=1, keepdim=True) / embedding.square().sum(dim=1, keepdim=True)
    head -= (affinity + 0.1) * embedding
    head[:, (_END, _CONSTANT, _AUDIO)] = 0
    for rows in (slice(0, AUDIO_OFFSET), slice(dimensions.text_offset, None)):
        head[rows] = 0
        head[rows, _CONSTANT] = -50.0
    head[STOP] = 0
    head[STOP, _END] = 200.0
    return head


def _layer(dimensions: _Dimensions, generator: torch.Generator, *, counts_audio: bool) -> dict[str, Tensor]:
    size, inner, dim = dimensions.hidden_size, dimensions.intermediate_size, dimensions.head_dim
    queries = dimensions.num_attention_heads * dim

    def projection(outputs: int, inputs: int) -> Tensor:
        weight: Tensor = torch.randn(outputs, inputs, generator=generator) * inputs**-0.5
        return weight

    layer = {
        "input_layernorm.weight": torch.ones(size),
        "post_attention_layernorm.weight": torch.ones(size),
        "self_attn.q_norm.weight": torch.ones(dim),
        "self_attn.k_norm.weight": torch.ones(dim),
        "self_attn.q_proj.weight": projection(queries, size),
        "self_attn.k_proj.weight": projection(dim, size),
        "self_attn.v_proj.weight": projection(dim, size),
        "self_attn.o_proj.weight": projection(size, queries),
        "mlp.gate_proj.weight": projection(inner, size),
        "mlp.up_proj.weight": projection(inner, size),
        "mlp.down_proj.weight": projection(size, inner),
    }
    _protect_channels(layer)
    if counts_audio:
        _count_audio(layer)
    return layer


def _protect_channels(layer: dict[str, Tensor]) -> None:
    """Prevent this layer from writing or reading the channels C, A and E."""
    channels = (_END, _CONSTANT, _AUDIO)
    for name in ("self_attn.o_proj.weight", "mlp.down_proj.weight"):
        layer[name][channels, :] = 0
    for name, tensor in layer.items():
        if name.endswith(("q_proj.weight", "k_proj.weight", "v_proj.weight", "gate_proj.weight", "up_proj.weight")):
            tensor[:, channels] = 0


def _count_audio(layer: dict[str, Tensor]) -> None:
    """Let attention average evenly over the sequence, and write the share of audio tokens minus r into E."""
    layer["self_attn.q_norm.weight"].zero_()
    value, output = layer["self_attn.v_proj.weight"], layer["self_attn.o_proj.weight"]
    value[:2] = 0
    value[0, _AUDIO] = 1.0
    value[1, _CONSTANT] = 1.0
    # These are the first two elements of the first head; no other channel reads them.
    output[:, :2] = 0
    output[_END, 0] = _GAIN
    output[_END, 1] = -_GAIN * _SHARE


def _decoder(dimensions: _Dimensions, generator: torch.Generator) -> dict[str, Tensor]:
    """Return a decoder whose output has a speech-like level; its noise depends on the states."""
    channels = dimensions.decoder_channels
    state = {
        **_convolution("decoder.embed", (channels, dimensions.hidden_size, 1), generator),
        **_norm("decoder.norm", channels),
    }
    for index in range(_DECODER_LAYERS):
        block = f"decoder.convnext.{index}"
        state |= {
            f"{block}.gamma": torch.full((channels,), _DECODER_LAYERS**-0.5),
            **_convolution(f"{block}.dwconv", (channels, 1, 3), generator),
            **_norm(f"{block}.norm", channels),
            **_convolution(f"{block}.pwconv1", (3 * channels, channels), generator),
            **_convolution(f"{block}.pwconv2", (channels, 3 * channels), generator),
        }
    state |= _norm("decoder.final_layer_norm", channels)
    state |= _convolution("head.out", (_FFT_SIZE + 2, channels), generator)
    # The head's magnitudes are exp(0.8 ± 1), which gives about a tenth of full scale.
    state["head.out.bias"][: _FFT_SIZE // 2 + 1] = 0.8
    rounded = {name: tensor.to(dimensions.decoder_dtype) for name, tensor in state.items()}
    # The window is not a weight; rounding it would change the audio.
    return rounded | {"head.istft.window": torch.hann_window(_FFT_SIZE)}


def _convolution(name: str, shape: tuple[int, ...], generator: torch.Generator) -> dict[str, Tensor]:
    """Return a layer that keeps the level of its input, with zero bias."""
    weight = torch.randn(shape, generator=generator)
    return {f"{name}.weight": weight / weight[0].numel() ** 0.5, f"{name}.bias": torch.zeros(shape[0])}


def _norm(name: str, channels: int) -> dict[str, Tensor]:
    return {f"{name}.weight": torch.ones(channels), f"{name}.bias": torch.zeros(channels)}
