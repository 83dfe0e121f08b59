"""The Vocos-style decoder as an exact streaming decoder: hidden states in, samples out, nothing computed twice.

Upstream's `SopranoDecoder` turns N states into 4(N-1)+1 frames, and these into (N-1)*2048 samples. Its convolutions
look one frame ahead, and the inverse STFT overlaps four frames; all other operations are pointwise. So each row keeps
the last inputs of every convolution, the last state (for the interpolation) and the overlapping tail, and each layer
runs one frame late. Frames outside a sentence are set to zero before every convolution, like the zero padding of the
whole decode. So the result is the same up to rounding.
Reference: "Vocos" (Siuzdak 2023), "A ConvNet for the 2020s" (Liu et al. 2022), soprano-tts' `SopranoDecoder`.
"""

import torch
from torch import Tensor

from engine.model.convolution import convolve, extend, layer_norm
from engine.model.decoder_weights import HOPS_PER_FRAME, UPSCALE, DecoderWeights
from engine.model.frames import Frames
from engine.model.operators import Operators
from engine.model.overlap import Overlap

UNKNOWN_LENGTH = 1 << 30  # the length of a sentence that is still being generated, in states


class StreamingDecoder:
    """The decoder's state of all slots, and the step that advances some of them.

    A call takes `n` states of each row. After the last state of a sentence come at least `flush_states` padding states
    of any value. A new sentence may begin in a slot at any time without a reset: the frames before its first are
    masked, and there are more of them than a convolution reaches back.
    """

    def __init__(self, weights: DecoderWeights, slots: int, operators: Operators | None = None) -> None:
        self.weights = weights
        self._operators = operators or Operators()
        device, dtype = weights.embed.weight.device, weights.embed.weight.dtype
        self._last_state = torch.zeros(slots, weights.state_size, device=device)
        self._embed_context = torch.zeros(
            slots, 2 * weights.embed.reach, weights.state_size, device=device, dtype=dtype
        )
        self._block_context = torch.zeros(
            len(weights.blocks), slots, 2 * weights.block_reach, weights.dim, device=device, dtype=dtype
        )
        self._overlap = Overlap(
            torch.hann_window(weights.fft_size, device=device),
            torch.zeros(slots, HOPS_PER_FRAME - 1, weights.hop_length, device=device),
        )

    @property
    def delay(self) -> int:
        """The delay of the convolutions in frames."""
        return self.weights.embed.reach + len(self.weights.blocks) * self.weights.block_reach

    @property
    def flush_states(self) -> int:
        """The number of padding states after the last one that flush all audio."""
        return -(-(self.delay + 1) // UPSCALE)

    @property
    def first_states(self) -> int:
        """The number of states after which the first samples are final."""
        return -(-(self.delay + self._leading_hops + UPSCALE) // UPSCALE)

    @property
    def _leading_hops(self) -> int:
        """The hops that the centred transform drops at the start."""
        return HOPS_PER_FRAME // 2

    def audible(self, begin: Tensor, count: int, length: Tensor) -> tuple[Tensor, Tensor]:
        """Return which samples of a step's output are audio, as `[start, stop)` of each row, `[R]`.

        The step had the states from `begin` to `begin + count` of sentences of `length` states (`UNKNOWN_LENGTH` while
        they are being generated).
        """
        # State 0 completes only frame 0.
        first_hop = UPSCALE * (begin - 1) + 1 - self.delay - self._leading_hops
        last_hop = UPSCALE * (length - 1)
        start = (-first_hop).clamp(min=0)
        stop = torch.maximum(start, (last_hop - first_hop).clamp(max=UPSCALE * count))
        return start * self.weights.hop_length, stop * self.weights.hop_length

    def step(self, slots: Tensor, states: Tensor, begin: Tensor, length: Tensor, *, quantise: bool = False) -> Tensor:
        """Decode `states` `[R, n, H]` of `slots` `[R]`; return samples `[R, n * UPSCALE * hop_length]`.

        They are in float32, or with `quantise` in 16 bits. `begin` `[R]` is the number of states decoded before,
        `length` `[R]` the number of states of the sentence. `audible` says which samples of a row are audio.
        """
        frames = Frames(first=UPSCALE * (begin - 1) + 1, end=UPSCALE * (length - 1) + 1)
        x = self._interpolate(slots, states.float()).to(self.weights.embed.weight.dtype)
        x, delay = self._embed(slots, x, frames)
        for index, block in enumerate(self.weights.blocks):
            normed, residual = self._operators.convnext_front(
                block, self._block_context[index], slots, x, frames, delay
            )
            x = block.contract.added_to(residual, block.expand.gelu(normed))
            delay += self.weights.block_reach
        return self._operators.overlap_add(self._overlap, slots, self._inverse_transform(x), frames, delay, quantise)

    def _interpolate(self, slots: Tensor, states: Tensor) -> Tensor:
        """Interpolate linearly from the previous state to each state in four steps; return `[R, 4n, H]`."""
        previous = torch.cat((self._last_state[slots][:, None], states[:, :-1]), dim=1)
        self._last_state[slots] = states[:, -1]
        weight = torch.arange(1, UPSCALE + 1, device=states.device) / UPSCALE
        return torch.lerp(previous[:, :, None], states[:, :, None], weight[:, None]).flatten(1, 2)

    def _embed(self, slots: Tensor, x: Tensor, frames: Frames) -> tuple[Tensor, int]:
        embed = self.weights.embed
        x = x * frames.inside(x.shape[1], 0, x.dtype)[..., None]
        x = convolve(embed, extend(self._embed_context, slots, x))
        return layer_norm(x, *self.weights.embed_norm), embed.reach

    def _inverse_transform(self, x: Tensor) -> Tensor:
        """Return each frame's wave `[R, F, fft_size]`, computed in float32 from the last norm on."""
        head = self.weights.head(layer_norm(x, *self.weights.final_norm))
        log_magnitude, phase = head.chunk(2, dim=-1)
        magnitude = log_magnitude.exp().clamp_(max=100.0)
        # Upstream drops the DC and the Nyquist bin.
        magnitude[..., 0].zero_()
        magnitude[..., -1].zero_()
        spectrum = torch.empty(*phase.shape, 2, device=x.device)  # `torch.polar` is half as fast on a CPU
        torch.mul(magnitude, phase.cos(), out=spectrum[..., 0])
        torch.mul(magnitude, phase.sin(), out=spectrum[..., 1])
        waves: Tensor = torch.fft.irfft(torch.view_as_complex(spectrum), self.weights.fft_size)
        return waves
