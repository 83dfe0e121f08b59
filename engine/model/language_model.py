"""Qwen3: tokens in, final hidden states and logits out, over a cache of slots.

`prefill` reads packed prompts; `decode` reads one token of each of some slots. Both run the same layers and differ
only in what a token attends to. No call waits for the device, and all shapes follow from the shapes of the arguments,
so that both can be captured in a CUDA graph.
Reference: "Qwen3 Technical Report" (2025) and the `Qwen3ForCausalLM` layout of Hugging Face's safetensors.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.config import LanguageModelConfig
from engine.model.decode_attention import DecodeRows
from engine.model.heads import Heads
from engine.model.key_value_cache import KeyValueCache
from engine.model.linear import Linear
from engine.model.operators import Operators
from engine.model.prefill_attention import PackedPrompts
from engine.model.rms_norm import RmsNorm


@dataclass(frozen=True)
class LayerWeights:
    """One transformer layer; projections that read the same input are merged."""

    input_norm: Tensor  # [H]
    qkv: Linear  # H -> (heads + 2 * kv_heads) * D
    query_key_norm: Tensor  # [heads + kv_heads, D]
    output: Linear  # heads * D -> H
    post_norm: Tensor  # [H]
    gate_up: Linear  # H -> 2 * I
    down: Linear  # I -> H


@dataclass(frozen=True)
class LanguageModelWeights:
    """All weights of the language model: norms in float32, the others in one dtype."""

    embedding: Tensor  # [V, H]
    layers: tuple[LayerWeights, ...]
    norm: Tensor  # [H]
    head: Linear  # H -> V

    @property
    def parameters(self) -> int:
        """The number of parameters in the published layout."""
        head_dim = self.layers[0].query_key_norm.shape[-1]
        layers = sum(
            layer.qkv.parameters
            + layer.output.parameters
            + layer.gate_up.parameters
            + layer.down.parameters
            + layer.input_norm.numel()
            + layer.post_norm.numel()
            + 2 * head_dim
            for layer in self.layers
        )
        return layers + self.embedding.numel() + self.norm.numel() + self.head.parameters


class LanguageModel:
    """The forward pass; its only state are the tables of the rotation.

    Between the projections, values are float32 in any precision of the weights: this costs little, and the inputs of
    projections are rounded. Only the gated unit, which is by far the widest, stays in the precision of the weights.
    """

    def __init__(
        self,
        config: LanguageModelConfig,
        weights: LanguageModelWeights,
        positions: int,
        operators: Operators | None = None,
    ) -> None:
        self.config = config
        self.weights = weights
        self._operators = operators or Operators()
        dtype = weights.head.dtype
        # What reads each layer's output: the weight of a norm, and the precision of what reads the normed values.
        self._next_norms = [*((layer.input_norm, dtype) for layer in weights.layers[1:]), (weights.norm, torch.float32)]
        self._norm = RmsNorm(config.rms_norm_eps, weights.embedding.device)
        self._heads = Heads.of(config, self._norm, positions, weights.embedding.device)

    def prefill(self, prompts: PackedPrompts, cache: KeyValueCache) -> Tensor:
        """Read prompts into the cache; return the final states `[P, H]` of the last tokens, in float32."""
        attend = self._operators.prefill_attention(self._heads, cache, prompts)
        x, normed = self._embed(prompts.tokens)
        for index, layer in enumerate(self.weights.layers):
            attended = attend(index, layer.qkv(normed), layer.query_key_norm)
            if layer is self.weights.layers[-1]:  # nothing reads the other tokens' states
                x, attended = x[prompts.last], attended[prompts.last]
            x, normed = self._rest(index, x, attended)
        return normed

    def decode(self, tokens: Tensor, cache: KeyValueCache, rows: DecodeRows) -> Tensor:
        """Read one token of each of `rows`, `[R]`; return the final states `[R, H]`, in float32."""
        attend = self._operators.decode_attention(self._heads, cache, rows)
        x, normed = self._embed(tokens)
        for index, layer in enumerate(self.weights.layers):
            x, normed = self._rest(index, x, attend(index, layer.qkv(normed), layer.query_key_norm))
        return normed

    def logits(self, hidden: Tensor) -> Tensor:
        """Return the logits `[..., V]` of final hidden states `[..., H]`, in the precision of the weights."""
        return self.weights.head(hidden)

    def _embed(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return the embeddings `[T, H]` of `tokens` `[T]`, and what the first layer reads."""
        x = self.weights.embedding[tokens].float()
        return x, self._norm(x, self.weights.layers[0].input_norm)

    def _rest(self, index: int, x: Tensor, attended: Tensor) -> tuple[Tensor, Tensor]:
        """Finish a layer after its attention; return its output `[T, H]`, and what reads it: the same, normed.

        `attended` is `[T, …]`, with the size of the input of `output` in all.
        """
        layer, operators = self.weights.layers[index], self._operators
        x, normed = operators.add_norm(
            x, layer.output(attended.flatten(1)), self._norm, layer.post_norm, layer.gate_up.dtype
        )
        return operators.add_norm(
            x, layer.down(operators.swiglu(layer.gate_up(normed))), self._norm, *self._next_norms[index]
        )
