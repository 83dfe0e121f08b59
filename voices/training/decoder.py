"""Trains the decoder, which turns the language model's states into samples.

The recordings are aligned (`voices.corpus.alignment`), so the phases of a voice follow from the states, and spectra are
compared with their phases: in windows of 16 to 64 ms, the magnitudes as in "Parallel WaveGAN" (Yamamoto et al. 2020),
and the complex values, compressed so that quiet harmonics count too, as in speech enhancement (Braun and
Tashev 2020). Mel bands, where vowels differ, have the largest weight, as in "HiFi-GAN" (Kong et al. 2020).

What no state can encode, the breath and the noise of consonants, would come out too even. For that, the last part of
the training has adversaries (`voices.training.discriminators`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from soprano.vocos.decoder import SopranoDecoder
from torch import Tensor
from torch.nn import functional as F

from voices.corpus.mel import TOKEN, filters
from voices.training.loop import Losses, Tensors
from voices.training.model_config import DECODER_DIM, DECODER_LAYERS, HIDDEN
from voices.training.precision import fast_products

LEARNING_RATE = 1e-3
STATES = 32
"""Of a crop: 2 s."""

WINDOWS = (512, 1024, 2048)
"""Of the spectra that are compared, in samples."""
_MEL_BANDS = {512: 40, 1024: 80, 2048: 160}
_MEL_WEIGHT = 3.0
_COMPLEX_WEIGHT = 2.0
_COMPRESSION = 0.3  # exponent of magnitudes
_MEL_FLOOR = 3e-4  # of a band: 70 dB below a full-scale sine
_FLOOR = 3e-5  # of a magnitude in a logarithm: 90 dB below a full-scale sine, 20 dB below a quiet hiss
_LOUDEST = 4.6  # logarithm of the largest magnitude that the decoder's head can make


@dataclass(frozen=True)
class Recording:
    """One clip: its audio, and the states of the language model for its tokens."""

    states: NDArray[np.float16]  # [N, H]
    audio: NDArray[np.int16]  # [(N - 1) * TOKEN]


@dataclass(frozen=True)
class Crops(Tensors):
    """A batch of crops of recordings."""

    states: Tensor  # [B, H, STATES]
    audio: Tensor  # [B, T]
    mask: Tensor  # [B, T]: 1 where the loss counts, 0 elsewhere


def new_decoder() -> SopranoDecoder:
    """An untrained decoder of Soprano's architecture in this voice's size."""
    decoder = SopranoDecoder(num_input_channels=HIDDEN, decoder_dim=DECODER_DIM, decoder_num_layers=DECODER_LAYERS)
    half = decoder.head.out.bias.numel() // 2
    with torch.no_grad():
        decoder.head.out.bias[:half] = -1.0  # so that the output begins at about the level of speech
        decoder.head.out.bias[half:].uniform_(-math.pi, math.pi)
    return decoder


def crops(recordings: Sequence[Recording], count: int, draw: np.random.Generator) -> Crops:
    """Draw `count` crops; the probability of a recording is proportional to its length."""
    lengths = np.array([len(recording.states) for recording in recordings], dtype=np.float64)
    chosen = draw.choice(len(recordings), count, p=lengths / lengths.sum())
    pieces = [_crop(recordings[index], draw) for index in chosen]
    states, audio, mask = (torch.from_numpy(np.stack(part)) for part in zip(*pieces, strict=True))
    return Crops(states.transpose(1, 2).contiguous(), audio, mask.repeat_interleave(TOKEN, dim=1))


def _crop(
    recording: Recording, draw: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """States `[STATES, H]`, audio, and a mask `[STATES - 1]` of the tokens that count.

    At a cut the decoder lacks the neighbouring states, so the tokens nearest to it do not count. A clip that is shorter
    than a crop is padded at the end, and the padding does not count either.
    """
    count = len(recording.states)
    start = int(draw.integers(0, max(1, count - STATES + 1)))
    stop = min(count, start + STATES)
    states = np.zeros((STATES, HIDDEN), dtype=np.float32)
    states[: stop - start] = recording.states[start:stop]
    states[stop - start :] = states[stop - start - 1]
    audio = np.zeros((STATES - 1) * TOKEN, dtype=np.float32)
    samples = recording.audio[start * TOKEN : (stop - 1) * TOKEN]
    audio[: len(samples)] = samples.astype(np.float32) / 32768
    mask = np.zeros(STATES - 1, dtype=np.float32)
    mask[2 if start else 0 : stop - start - 1 - (2 if stop < start + STATES or stop < count else 0)] = 1
    return states, audio, mask


def decoded(decoder: SopranoDecoder, states: Tensor) -> Tensor:
    """The samples `[B, T]` for `states` `[B, H, N]`; matrix products are in bfloat16 where the device supports it."""
    frames = decoder.upscale * (states.shape[2] - 1) + 1
    with fast_products(states.device):
        x = decoder.decoder(F.interpolate(states, size=frames, mode="linear", align_corners=True))
        x = decoder.head.out(x.transpose(1, 2)).transpose(1, 2)
    log_magnitude, phase = x.float().chunk(2, dim=1)
    spectrum = log_magnitude.clamp(max=_LOUDEST).exp() * torch.complex(phase.cos(), phase.sin())
    samples: Tensor = decoder.head.istft(spectrum)
    return samples


def losses(made: Tensor, wanted: Tensor, windows: Sequence[int] = WINDOWS) -> Losses:
    """Compare samples `[B, T]` with the recordings, by spectra with these windows."""
    parts = {"spectrum": made.new_zeros(()), "mel": made.new_zeros(()), "complex": made.new_zeros(())}
    for window in windows:
        ours, theirs = spectra(made, window), spectra(wanted, window)
        parts["spectrum"] = parts["spectrum"] + _magnitude_loss(_size(ours), _size(theirs)) / len(windows)
        parts["complex"] = parts["complex"] + _complex_loss(ours, theirs) / len(windows)
        parts["mel"] = parts["mel"] + _mel_loss(_size(ours), _size(theirs), window) / len(windows)
    total = parts["spectrum"] + _MEL_WEIGHT * parts["mel"] + _COMPLEX_WEIGHT * parts["complex"]
    return Losses(total, {name: value.detach() for name, value in parts.items()})


def spectra(samples: Tensor, window: int) -> Tensor:
    """The spectra `[B, bins, frames]`; the hop is a quarter of the window, a full-scale sine has a magnitude of 1."""
    shape = torch.hann_window(window, device=samples.device)
    spectrum: Tensor = torch.stft(samples, window, window // 4, window=shape, return_complex=True)
    return spectrum * (4 / window)


def compressed(spectrum: Tensor) -> Tensor:
    """The spectrum with its phases, and its magnitudes to a power below 1: quiet parts count more."""
    return spectrum * _size(spectrum) ** (_COMPRESSION - 1)


def _size(spectrum: Tensor) -> Tensor:
    """The magnitudes, with a gradient at 0."""
    return (spectrum.real.square() + spectrum.imag.square() + 1e-9).sqrt()


def _magnitude_loss(made: Tensor, wanted: Tensor) -> Tensor:
    convergence: Tensor = torch.linalg.vector_norm(wanted - made) / torch.linalg.vector_norm(wanted)
    return convergence + F.l1_loss(made.clamp(min=_FLOOR).log(), wanted.clamp(min=_FLOOR).log())


def _complex_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """The mean distance of compressed spectra, in shares of the recording's mean magnitude."""
    ours, theirs = compressed(made), compressed(wanted)
    return _size(ours - theirs).mean() / _size(theirs).mean()


def _mel_loss(made: Tensor, wanted: Tensor, window: int) -> Tensor:
    bands = torch.from_numpy(filters(window, _MEL_BANDS[window])).to(made.device)
    return F.l1_loss((bands @ made).clamp(min=_MEL_FLOOR).log(), (bands @ wanted).clamp(min=_MEL_FLOOR).log())
