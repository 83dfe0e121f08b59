"""The matrices of a checkpoint's language model: what a decode step reads, and what it computes."""

from dataclasses import dataclass
from pathlib import Path

from engine.checkpoint.files import read_config
from engine.model.config import LanguageModelConfig


@dataclass(frozen=True)
class Matrix:
    """A projection's weight, `outputs` x `inputs`, of which the model has `number`."""

    outputs: int
    inputs: int
    number: int

    @property
    def parameters(self) -> int:
        """Of all of them."""
        return self.outputs * self.inputs * self.number


def language_model_matrices(checkpoint: Path) -> tuple[Matrix, ...]:
    """Return the projections with q, k, v and gate, up merged; not the embedding, of which a step reads a few rows.

    Raises `CheckpointError`.
    """
    config = LanguageModelConfig.from_json(read_config(checkpoint))
    size, layers = config.hidden_size, config.num_hidden_layers
    queries, keys = (heads * config.head_dim for heads in (config.num_attention_heads, config.num_key_value_heads))
    return (
        Matrix(queries + 2 * keys, size, layers),
        Matrix(size, queries, layers),
        Matrix(2 * config.intermediate_size, size, layers),
        Matrix(size, config.intermediate_size, layers),
        Matrix(config.vocab_size, size, 1),
    )
