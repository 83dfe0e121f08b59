"""The decoder's weights; all dimensions are read from the tensors' shapes.

Soprano-1.1 has 768 channels and a pointwise input convolution; Soprano-80M v1.0 has 512 channels and an input kernel
of 3. The checkpoint states this only by the shapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.model.linear import Linear

UPSCALE = 4  # frames per state
HOPS_PER_FRAME = 4  # window length / hop length; a constant of upstream's code, not in the checkpoint


@dataclass(frozen=True)
class ConvolutionWeights:
    """A dense convolution over frames."""

    weight: Tensor  # [C_out, C_in, kernel]
    bias: Tensor  # [C_out]

    @property
    def reach(self) -> int:
        """The number of frames that it looks ahead, and also back."""
        return int(self.weight.shape[-1]) // 2


@dataclass(frozen=True)
class ConvNeXtWeights:
    """One ConvNeXt block."""

    depthwise: Tensor  # [kernel, C]
    depthwise_bias: Tensor  # [C]
    norm: tuple[Tensor, Tensor]  # [C] each: scale, shift
    expand: Linear  # C -> I
    contract: Linear  # I -> C, with the layer scale multiplied in

    @property
    def parameters(self) -> int:
        """The number of parameters in the published layout."""
        own = (self.depthwise, self.depthwise_bias, *self.norm)
        scale = self.contract.out_features
        return sum(tensor.numel() for tensor in own) + self.expand.parameters + self.contract.parameters + scale


@dataclass(frozen=True)
class DecoderWeights:
    """All weights of the decoder: the backbone in one dtype, the head in float32."""

    embed: ConvolutionWeights
    embed_norm: tuple[Tensor, Tensor]
    blocks: tuple[ConvNeXtWeights, ...]
    final_norm: tuple[Tensor, Tensor]
    head: Linear  # C -> fft_size + 2, float32

    @property
    def state_size(self) -> int:
        """The size of the input: the language model's hidden states."""
        return int(self.embed.weight.shape[1])

    @property
    def dim(self) -> int:
        """Channels of the backbone."""
        return int(self.embed.weight.shape[0])

    @property
    def block_reach(self) -> int:
        """The number of frames that each block looks ahead."""
        return int(self.blocks[0].depthwise.shape[0]) // 2

    @property
    def fft_size(self) -> int:
        """The window length in samples."""
        return self.head.out_features - 2

    @property
    def hop_length(self) -> int:
        """The hop length in samples."""
        return self.fft_size // HOPS_PER_FRAME

    @property
    def parameters(self) -> int:
        """The number of parameters in the published layout."""
        ends = (self.embed.weight, self.embed.bias, *self.embed_norm, *self.final_norm)
        blocks = sum(block.parameters for block in self.blocks)
        return blocks + sum(tensor.numel() for tensor in ends) + self.head.parameters

    @classmethod
    def from_state_dict(
        cls, state: Mapping[str, Tensor], *, dtype: torch.dtype, device: torch.device
    ) -> "DecoderWeights":
        """Read upstream's `SopranoDecoder` state; raises `CheckpointError` if it is not consistent."""
        reader = _Reader(state, dtype, device)
        depth = len({name.split(".")[2] for name in state if name.startswith("decoder.convnext.")})
        if not depth:
            raise CheckpointError("it holds no ConvNeXt layers (decoder.convnext.*)")
        embed = ConvolutionWeights(reader("decoder.embed.weight", 3), reader("decoder.embed.bias", 1))
        weights = cls(
            embed=embed,
            embed_norm=reader.norm("decoder.norm"),
            blocks=tuple(_read_block(reader, f"decoder.convnext.{index}") for index in range(depth)),
            final_norm=reader.norm("decoder.final_layer_norm"),
            head=Linear(reader("head.out.weight", 2), reader("head.out.bias", 1)),
        )
        if 2 * max(weights.embed.reach, weights.block_reach) >= UPSCALE:
            raise CheckpointError("its kernels reach further than one frame, which streaming does not support")
        if weights.fft_size % HOPS_PER_FRAME or weights.head.in_features != weights.dim:
            raise CheckpointError(
                f"head.out.weight takes {weights.head.in_features} numbers and makes {weights.head.out_features}, "
                f"which does not fit {weights.dim} channels"
            )
        return weights


@dataclass(frozen=True)
class _Reader:
    """Reads tensors from a state dict; raises `CheckpointError` for a missing tensor or a wrong shape."""

    state: Mapping[str, Tensor]
    dtype: torch.dtype
    device: torch.device

    def __call__(self, name: str, dimensions: int) -> Tensor:
        tensor = self.state.get(name)
        if tensor is None:
            raise CheckpointError(f"it has no tensor {name!r}")
        if tensor.dim() != dimensions:
            raise CheckpointError(f"{name} has shape {tuple(tensor.shape)}; {dimensions} dimensions are expected")
        dtype = torch.float32 if name.startswith("head.") else self.dtype
        return tensor.to(device=self.device, dtype=dtype)

    def norm(self, name: str) -> tuple[Tensor, Tensor]:
        return self(f"{name}.weight", 1), self(f"{name}.bias", 1)


def _read_block(reader: _Reader, prefix: str) -> ConvNeXtWeights:
    scale = reader(f"{prefix}.gamma", 1)
    return ConvNeXtWeights(
        depthwise=reader(f"{prefix}.dwconv.weight", 3).squeeze(1).T.contiguous(),
        depthwise_bias=reader(f"{prefix}.dwconv.bias", 1),
        norm=reader.norm(f"{prefix}.norm"),
        expand=Linear(reader(f"{prefix}.pwconv1.weight", 2), reader(f"{prefix}.pwconv1.bias", 1)),
        contract=Linear(
            reader(f"{prefix}.pwconv2.weight", 2) * scale[:, None], reader(f"{prefix}.pwconv2.bias", 1) * scale
        ),
    )
