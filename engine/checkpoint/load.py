"""Reads and checks a checkpoint in Soprano's published layout.

A checkpoint is a directory with `config.json`, `model.safetensors`, `tokenizer.json` and `decoder.pth`. All sizes are
read from the files. Any fault in a file raises a `CheckpointError` that names the file and the remedy.
"""

import pickle
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from engine.checkpoint.files import (
    BUILTIN,
    CONFIG,
    DECODER,
    LANGUAGE_MODEL,
    REMEDY,
    SYNTHETIC,
    TOKENIZER,
    mark_of,
    read_config,
)
from engine.errors import CheckpointError
from engine.model.config import LanguageModelConfig
from engine.model.decoder_weights import DecoderWeights
from engine.model.language_model import LanguageModelWeights, LayerWeights
from engine.model.linear import Linear
from text.errors import InvalidTokenizer
from text.tokenizer import Tokenizer


@dataclass(frozen=True)
class CheckpointSummary:
    """A description of a checkpoint for users."""

    path: Path
    name: str
    language_model_parameters: int
    decoder_parameters: int

    @property
    def description(self) -> str:
        """The name, with an explanation if the checkpoint is not a release of Soprano."""
        more = {SYNTHETIC: " (random weights: noise, not speech)", BUILTIN: " (the built-in voice)"}
        return self.name + more.get(self.name, "")


@dataclass(frozen=True)
class Checkpoint:
    """The parts of a checkpoint that the engine needs, on one device; `name` is reported to clients."""

    path: Path
    config: LanguageModelConfig
    name: str
    language_model: LanguageModelWeights
    decoder: DecoderWeights
    tokenizer: Tokenizer


def load(path: Path, *, dtype: torch.dtype, device: torch.device) -> Checkpoint:
    """Read a checkpoint directory; weights are converted to `dtype`, the decoder's head to float32.

    Raises `CheckpointError`.
    """
    _require_files(path)
    raw = read_config(path)
    with _naming(path / CONFIG):
        config = LanguageModelConfig.from_json(raw)
    language_model = _load_language_model(path, config, dtype, device)
    decoder = _load_decoder(path, dtype, device)
    if decoder.state_size != config.hidden_size:
        raise CheckpointError(
            f"{path / DECODER} expects states of {decoder.state_size} numbers but {path / CONFIG} says "
            f"{config.hidden_size}: the two belong to different checkpoints; {REMEDY}"
        )
    with _naming(path / TOKENIZER):
        tokenizer = Tokenizer.from_file(path / TOKENIZER, config.vocab_size)
    return Checkpoint(path, config, mark_of(raw) or _release(decoder), language_model, decoder, tokenizer)


def verify(path: Path) -> CheckpointSummary:
    """Read the whole checkpoint like the engine, and return its description. Raises `CheckpointError`."""
    checkpoint = load(path, dtype=torch.float32, device=torch.device("cpu"))
    return CheckpointSummary(
        path=path,
        name=checkpoint.name,
        language_model_parameters=checkpoint.language_model.parameters,
        decoder_parameters=checkpoint.decoder.parameters,
    )


def _release(decoder: DecoderWeights) -> str:
    """Return the release of Soprano that has this layout; a custom checkpoint may have it too."""
    layouts = {(512, 3): "Soprano-80M", (768, 1): "Soprano-1.1-80M"}
    return layouts.get((decoder.embed.weight.shape[0], decoder.embed.weight.shape[2]), "Soprano")


def _require_files(path: Path) -> None:
    if not path.is_dir():
        raise CheckpointError(f"there is no checkpoint directory {str(path)!r}; {REMEDY}")
    missing = [name for name in (CONFIG, LANGUAGE_MODEL, TOKENIZER, DECODER) if not (path / name).is_file()]
    if missing:
        raise CheckpointError(f"the checkpoint {path} lacks {', '.join(missing)}; {REMEDY}")


def _load_language_model(
    path: Path, config: LanguageModelConfig, dtype: torch.dtype, device: torch.device
) -> LanguageModelWeights:
    file = path / LANGUAGE_MODEL
    try:
        with safe_open(file, framework="pt") as tensors:
            state = {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} is damaged or cut short ({error}); {REMEDY}") from error
    with _naming(file):
        return _ShapedTensors(state, dtype, device).language_model(config)


def _load_decoder(path: Path, dtype: torch.dtype, device: torch.device) -> DecoderWeights:
    file = path / DECODER
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{file} is damaged or cut short ({reason}); {REMEDY}") from error
    with _naming(file):
        if not isinstance(state, dict):
            raise CheckpointError("it holds no state dict")
        return DecoderWeights.from_state_dict(state, dtype=dtype, device=device)


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Add the file and the remedy to an error about the file's content."""
    try:
        yield
    except (CheckpointError, InvalidTokenizer) as error:
        raise CheckpointError(f"{file} does not fit: {error}; {REMEDY}") from error


@dataclass(frozen=True)
class _ShapedTensors:
    """Takes tensors out of a state dict, and checks their shapes."""

    state: MutableMapping[str, Tensor]
    dtype: torch.dtype
    device: torch.device

    def take(self, name: str, *shape: int) -> Tensor:
        tensor = self.state.pop(name, None)
        if tensor is None:
            raise CheckpointError(f"it has no tensor {name!r}")
        if tuple(tensor.shape) != shape:
            raise CheckpointError(f"{name} has shape {tuple(tensor.shape)} where {CONFIG} asks for {shape}")
        dtype = torch.float32 if "norm" in name else self.dtype
        return tensor.to(device=self.device, dtype=dtype)

    def language_model(self, config: LanguageModelConfig) -> LanguageModelWeights:
        size, vocabulary = config.hidden_size, config.vocab_size
        return LanguageModelWeights(
            embedding=self.take("model.embed_tokens.weight", vocabulary, size),
            layers=tuple(self.layer(config, f"model.layers.{index}") for index in range(config.num_hidden_layers)),
            norm=self.take("model.norm.weight", size),
            head=Linear(self.take("lm_head.weight", vocabulary, size)),
        )

    def layer(self, config: LanguageModelConfig, prefix: str) -> LayerWeights:
        size, inner, dim = config.hidden_size, config.intermediate_size, config.head_dim
        heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
        attention, feed_forward = f"{prefix}.self_attn", f"{prefix}.mlp"
        queries_keys_values = (
            self.take(f"{attention}.q_proj.weight", heads * dim, size),
            self.take(f"{attention}.k_proj.weight", kv_heads * dim, size),
            self.take(f"{attention}.v_proj.weight", kv_heads * dim, size),
        )
        query_key_norm = (
            self.take(f"{attention}.q_norm.weight", dim).expand(heads, -1),
            self.take(f"{attention}.k_norm.weight", dim).expand(kv_heads, -1),
        )
        gate_up = (
            self.take(f"{feed_forward}.gate_proj.weight", inner, size),
            self.take(f"{feed_forward}.up_proj.weight", inner, size),
        )
        return LayerWeights(
            input_norm=self.take(f"{prefix}.input_layernorm.weight", size),
            qkv=Linear(torch.cat(queries_keys_values)),
            query_key_norm=torch.cat(query_key_norm),
            output=Linear(self.take(f"{attention}.o_proj.weight", size, heads * dim)),
            post_norm=self.take(f"{prefix}.post_attention_layernorm.weight", size),
            gate_up=Linear(torch.cat(gate_up)),
            down=Linear(self.take(f"{feed_forward}.down_proj.weight", size, inner)),
        )
