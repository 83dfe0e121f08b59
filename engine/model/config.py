"""The dimensions of the language model, read from a checkpoint's `config.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import CheckpointError


@dataclass(frozen=True)
class LanguageModelConfig:
    """Dimensions of a `Qwen3ForCausalLM`, with the names of Hugging Face's configuration."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rms_norm_eps: float
    rope_theta: float
    eos_token_id: int

    @property
    def query_groups(self) -> int:
        """The number of query heads that share one key/value head."""
        return self.num_attention_heads // self.num_key_value_heads

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "LanguageModelConfig":
        """Read a parsed `config.json`.

        Raises `CheckpointError` for another architecture, or for a variant of Qwen3 that this engine does not implement
        (sliding windows, scaled RoPE, biases, tied embeddings).
        """
        _refuse_other_variants(config)
        try:
            return cls(
                vocab_size=int(config["vocab_size"]),
                hidden_size=int(config["hidden_size"]),
                intermediate_size=int(config["intermediate_size"]),
                num_hidden_layers=int(config["num_hidden_layers"]),
                num_attention_heads=int(config["num_attention_heads"]),
                num_key_value_heads=int(config["num_key_value_heads"]),
                head_dim=int(config["head_dim"]),
                rms_norm_eps=float(config["rms_norm_eps"]),
                rope_theta=float(_rope(config)["rope_theta"]),
                eos_token_id=int(config["eos_token_id"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"config.json has no usable entry {error}; fetch the checkpoint again") from error


def _rope(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the RoPE entries; transformers 5 nests them in `rope_parameters`, earlier releases do not."""
    nested = config.get("rope_parameters")
    return nested if isinstance(nested, Mapping) else config


def _refuse_other_variants(config: Mapping[str, Any]) -> None:
    if config.get("model_type") != "qwen3":
        raise CheckpointError(
            f"config.json describes a model of type {config.get('model_type')!r}; Soprano is a 'qwen3' model"
        )
    unsupported = {
        "attention_bias": bool(config.get("attention_bias")),
        "tie_word_embeddings": bool(config.get("tie_word_embeddings")),
        "use_sliding_window": bool(config.get("use_sliding_window")),
        "rope_scaling": config.get("rope_scaling") is not None
        or _rope(config).get("rope_type", "default") != "default",
        "hidden_act": config.get("hidden_act", "silu") != "silu",
    }
    for name, present in unsupported.items():
        if present:
            raise CheckpointError(f"config.json sets {name}, which no Soprano checkpoint does and this engine lacks")
