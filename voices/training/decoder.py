"""Trains the decoder, which turns the language model's states into samples. The losses compare spectra.

Absolute phases are not compared, because no state can encode when a pulse of the voice begins. Magnitudes are compared
twice: the magnitudes that the decoder's head outputs, and those of its samples in windows of 16 to 64 ms, as in
"Parallel WaveGAN" (Yamamoto et al. 2020).

The phase advance from one frame to the next depends on the frequency, so it can be learnt; it is compared as in "APNet"
(Ai and Ling 2023). If neighbouring frames disagree in phase, they cancel each other, and the voice is hoarse and weak.

The samples are also compared on mel bands, where vowels differ, with the largest weight, as in "HiFi-GAN" (Kong et al.
2020): half of the bins of a spectrum lie above the frequencies of the teacher's recordings.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly
from soprano.vocos.decoder import SopranoDecoder
from torch import Tensor
from torch.nn import functional as F

from voices.corpus.mel import TOKEN, filters
from voices.training.loop import Metrics
from voices.training.model_config import DECODER_DIM, DECODER_LAYERS, HIDDEN

STATE_SAMPLES = 2 * TOKEN  # at 32 kHz

_STATES = 40  # of a crop: 2.5 s
LEARNING_RATE = 1e-3
_WINDOWS = (512, 1024, 2048)
_ADVANCE_WEIGHT_POWER = 0.25  # a phase advance has the weight of the product of two magnitudes to this power
_MEL_WEIGHT = 4.0
_MEL_WINDOW = 1024  # at 32 kHz; its bins are those of `voices.corpus.mel`
_MEL_FLOOR = 3e-4  # of a band: 70 dB below a full-scale sine
_FLOOR = 3e-5  # of a magnitude in a logarithm: 90 dB below a full-scale sine, 20 dB below a quiet hiss


@dataclass(frozen=True)
class Recording:
    """One clip: its audio, and the states of the language model for its tokens."""

    states: NDArray[np.float16]  # [N, H]
    audio: NDArray[np.int16]  # at the teacher's rate


@dataclass(frozen=True)
class Crops:
    """A batch of crops of recordings."""

    states: Tensor  # [B, H, _STATES]
    audio: Tensor  # [B, T], 32 kHz
    mask: Tensor  # [B, T]: 1 where the loss counts, 0 elsewhere

    def to(self, device: torch.device) -> "Crops":
        """The same on another device."""
        return Crops(self.states.to(device), self.audio.to(device), self.mask.to(device))


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
    states, audio, mask = (np.stack(part) for part in zip(*pieces, strict=True))
    upsampled = resample_poly(audio, 2, 1, axis=1).astype(np.float32)
    return Crops(
        torch.from_numpy(states).transpose(1, 2).contiguous(),
        torch.from_numpy(upsampled),
        torch.from_numpy(mask).repeat_interleave(STATE_SAMPLES, dim=1),
    )


def _crop(
    recording: Recording, draw: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """States `[_STATES, H]`, audio at the teacher's rate, and a mask `[_STATES - 1]` of the tokens that count.

    At a cut the decoder lacks the neighbouring states, so the tokens nearest to it do not count. A clip that is shorter
    than a crop is padded at the end, and the padding does not count either.
    """
    count = len(recording.states)
    start = int(draw.integers(0, max(1, count - _STATES + 1)))
    stop = min(count, start + _STATES)
    states = np.zeros((_STATES, HIDDEN), dtype=np.float32)
    states[: stop - start] = recording.states[start:stop]
    states[stop - start :] = states[stop - start - 1]
    audio = np.zeros((_STATES - 1) * TOKEN, dtype=np.float32)
    samples = recording.audio[start * TOKEN : (stop - 1) * TOKEN]
    audio[: len(samples)] = samples.astype(np.float32) / 32768
    mask = np.zeros(_STATES - 1, dtype=np.float32)
    mask[2 if start else 0 : stop - start - 1 - (2 if stop < start + _STATES or stop < count else 0)] = 1
    return states, audio, mask


@dataclass(frozen=True)
class Losses:
    """The losses of a batch."""

    spectrum: Tensor  # of the spectra of the samples
    mel: Tensor  # of the log-mel spectra of the samples
    magnitude: Tensor  # of the log-magnitudes that the head outputs
    phase_advance: Tensor  # of the phase advance from frame to frame: 0 if it is right, about 1 if it is random

    @property
    def total(self) -> Tensor:
        """The weighted sum, which training minimizes."""
        return self.spectrum + _MEL_WEIGHT * self.mel + self.magnitude + self.phase_advance

    @property
    def metrics(self) -> Metrics:
        """The single losses, without gradients."""
        return {field.name: getattr(self, field.name).detach() for field in fields(self)}


def losses(decoder: SopranoDecoder, batch: Crops) -> Losses:
    """Compare the decoder's output for `batch` with the recordings, where the mask is 1."""
    log_magnitude, phase = _head(decoder, batch.states)
    spectrum = log_magnitude.exp().clamp(max=100.0) * torch.complex(phase.cos(), phase.sin())
    made = decoder.head.istft(spectrum) * batch.mask
    wanted = batch.audio * batch.mask
    spectral = torch.stack([_spectral_loss(made, wanted, window) for window in _WINDOWS]).mean()
    # The mask of a frame is that of the sample at its centre; the last frame has no such sample and is left out.
    fft_size = 2 * (log_magnitude.shape[1] - 1)
    recorded, mask = _frames(batch.audio, fft_size)[..., :-1], batch.mask[:, None, :: fft_size // 4]
    magnitude = _magnitude_loss(log_magnitude[..., :-1], recorded, mask, fft_size)
    advance = _phase_advance_loss(phase[..., :-1], recorded, mask)
    return Losses(spectral, _mel_loss(made, wanted), magnitude, advance)


def _head(decoder: SopranoDecoder, states: Tensor) -> tuple[Tensor, Tensor]:
    """The log-magnitudes and phases that the decoder's head outputs, `[B, bins, frames]` each."""
    frames = decoder.upscale * (states.shape[2] - 1) + 1
    x = decoder.decoder(F.interpolate(states, size=frames, mode="linear", align_corners=True))
    log_magnitude, phase = decoder.head.out(x.transpose(1, 2)).transpose(1, 2).chunk(2, dim=1)
    return log_magnitude, phase


def _frames(samples: Tensor, fft_size: int) -> Tensor:
    """The spectra `[B, bins, frames]` of `samples`; the hop is a quarter of the window."""
    window = torch.hann_window(fft_size, device=samples.device)
    return torch.stft(samples, fft_size, fft_size // 4, window=window, return_complex=True)


def _magnitude_loss(log_magnitude: Tensor, recorded: Tensor, mask: Tensor, fft_size: int) -> Tensor:
    """The mean distance of log-magnitudes from those of the recording, where `mask` is 1."""
    floor = _FLOOR * fft_size / 4
    difference = (log_magnitude.clamp(min=math.log(floor)) - recorded.abs().clamp(min=floor).log()).abs()
    return (difference * mask).sum() / (mask.sum() * log_magnitude.shape[1])


def _phase_advance_loss(phase: Tensor, recorded: Tensor, mask: Tensor) -> Tensor:
    """The mean distance of phase advances from those of the recording; loud bins have a larger weight."""
    wanted = recorded[..., 1:] * recorded[..., :-1].conj()
    size = wanted.abs().clamp(min=1e-12)
    turn = phase.diff(dim=-1)
    agreement = (turn.cos() * wanted.real + turn.sin() * wanted.imag) / size
    weight = size.pow(_ADVANCE_WEIGHT_POWER) * mask[..., 1:] * mask[..., :-1]
    return ((1 - agreement) * weight).sum() / weight.sum()


def _spectral_loss(made: Tensor, wanted: Tensor, window: int) -> Tensor:
    made, wanted = _magnitudes(made, window), _magnitudes(wanted, window)
    convergence: Tensor = torch.linalg.vector_norm(wanted - made) / torch.linalg.vector_norm(wanted)
    difference: Tensor = F.l1_loss(made.clamp(min=_FLOOR).log(), wanted.clamp(min=_FLOOR).log())
    return convergence + difference


def _mel_loss(made: Tensor, wanted: Tensor) -> Tensor:
    return F.l1_loss(_log_mel(made), _log_mel(wanted))


def _log_mel(samples: Tensor) -> Tensor:
    """`[B, bands, frames]`."""
    bands = torch.from_numpy(filters()).T.to(samples.device)
    bins = _magnitudes(samples, _MEL_WINDOW)[:, : bands.shape[1]]
    return (bands @ bins).clamp(min=_MEL_FLOOR).log()


def _magnitudes(samples: Tensor, window: int) -> Tensor:
    """`[B, bins, frames]`; a full-scale sine has a magnitude of about 1."""
    spectrum = _frames(samples, window)
    power = spectrum.real.square() + spectrum.imag.square()
    magnitudes: Tensor = (power + 1e-8).sqrt() * (4 / window)
    return magnitudes


def optimiser(decoder: SopranoDecoder) -> torch.optim.AdamW:
    """AdamW with the momenta that are usual for vocoders."""
    return torch.optim.AdamW(decoder.parameters(), lr=LEARNING_RATE, betas=(0.8, 0.99), weight_decay=0.01, fused=True)
