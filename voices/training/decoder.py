"""Teaching the decoder: the language model's states to samples, judged by their spectra at several resolutions.

No state could tell at which moment a voice's pulses come, so phases are the decoder's own business, and only magnitudes
are compared: those that it names itself with the recording's, and those that its samples have on windows from 16 to
64 ms, as in "Parallel WaveGAN" (Yamamoto et al. 2020). How far a phase has to advance from one frame to the next is no
secret, though, as it is a matter of frequency; it is compared too, as in "APNet" (Ai and Ling 2023). Where neighbouring
frames disagree in it they cancel out, and a voice sounds hoarse and soft.

On mel bands, where vowels differ, samples are compared once more and with the greatest weight, as in "HiFi-GAN" (Kong
et al. 2020): of the bins of a spectrum half lie above all that the teacher's recordings hold.
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
from voices.training.loop import Figures
from voices.training.model_config import DECODER_DIM, DECODER_LAYERS, HIDDEN

STATE_SAMPLES = 2 * TOKEN  # at 32 kHz

_STATES = 40  # of a crop: 2.5 s
LEARNING_RATE = 1e-3
_WINDOWS = (512, 1024, 2048)
_LOUDNESS = 0.25  # the power of a product of magnitudes that its phases count with
_MEL_WEIGHT = 4.0
_MEL_WINDOW = 1024  # at 32 kHz the bins of `voices.corpus.mel`'s
_MEL_FLOOR = 3e-4  # of a band: 70 dB under a sine of full scale
_FLOOR = 3e-5  # of a magnitude, for its logarithm: 90 dB under a sine of full scale, and 20 under quiet hissing


@dataclass(frozen=True)
class Recording:
    """One clip: the states that the language model had while reading it, and how it sounds."""

    states: NDArray[np.float16]  # [N, H]
    audio: NDArray[np.int16]  # at the teacher's rate


@dataclass(frozen=True)
class Crops:
    """Pieces of recordings side by side."""

    states: Tensor  # [B, H, _STATES]
    audio: Tensor  # [B, T], 32 kHz
    judged: Tensor  # [B, T]: 1 where the decoder knows all that it needs

    def to(self, device: torch.device) -> "Crops":
        """The same on another device."""
        return Crops(self.states.to(device), self.audio.to(device), self.judged.to(device))


def new_decoder() -> SopranoDecoder:
    """Soprano's decoder in this voice's size, untrained."""
    decoder = SopranoDecoder(num_input_channels=HIDDEN, decoder_dim=DECODER_DIM, decoder_num_layers=DECODER_LAYERS)
    half = decoder.head.out.bias.numel() // 2
    with torch.no_grad():
        decoder.head.out.bias[:half] = -1.0  # about the level of speech
        decoder.head.out.bias[half:].uniform_(-math.pi, math.pi)
    return decoder


def crops(recordings: Sequence[Recording], count: int, draw: np.random.Generator) -> Crops:
    """Draw so many; a recording is drawn the more often the longer it is."""
    lengths = np.array([len(recording.states) for recording in recordings], dtype=np.float64)
    chosen = draw.choice(len(recordings), count, p=lengths / lengths.sum())
    pieces = [_crop(recordings[index], draw) for index in chosen]
    states, audio, judged = (np.stack(part) for part in zip(*pieces, strict=True))
    upsampled = resample_poly(audio, 2, 1, axis=1).astype(np.float32)
    return Crops(
        torch.from_numpy(states).transpose(1, 2).contiguous(),
        torch.from_numpy(upsampled),
        torch.from_numpy(judged).repeat_interleave(STATE_SAMPLES, dim=1),
    )


def _crop(
    recording: Recording, draw: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """States `[_STATES, H]`, audio at the teacher's rate and which tokens of it are judged `[_STATES - 1]`.

    At a cut the decoder lacks the neighbours, so the first and the last token there are not judged. A clip that is
    shorter than a crop is padded behind with what is not judged either.
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
    judged = np.zeros(_STATES - 1, dtype=np.float32)
    judged[2 if start else 0 : stop - start - 1 - (2 if stop < start + _STATES or stop < count else 0)] = 1
    return states, audio, judged


@dataclass(frozen=True)
class Distance:
    """How far the decoder is from the recordings."""

    heard: Tensor  # by the spectra of its samples
    mel: Tensor  # by their mel spectra, in logarithms
    named: Tensor  # by the magnitudes that it names, in logarithms
    advance: Tensor  # by how far its phases advance from frame to frame: 0 as they should, 1 at random

    @property
    def loss(self) -> Tensor:
        """What to make small."""
        return self.heard + _MEL_WEIGHT * self.mel + self.named + self.advance

    @property
    def figures(self) -> Figures:
        """What it is made of."""
        return {field.name: getattr(self, field.name).detach() for field in fields(self)}


def distance(decoder: SopranoDecoder, batch: Crops) -> Distance:
    """Compare what it makes of the states with the recordings, where it is judged."""
    log_magnitude, phase = _head(decoder, batch.states)
    spectrum = log_magnitude.exp().clamp(max=100.0) * torch.complex(phase.cos(), phase.sin())
    made = decoder.head.istft(spectrum) * batch.judged
    wanted = batch.audio * batch.judged
    heard = torch.stack([_spectral_distance(made, wanted, window) for window in _WINDOWS]).mean()
    # Each frame is centred on the sample from which on it is judged; the one at the very end is left out.
    fft_size = 2 * (log_magnitude.shape[1] - 1)
    recorded, judged = _frames(batch.audio, fft_size)[..., :-1], batch.judged[:, None, :: fft_size // 4]
    named = _distance_of_magnitudes(log_magnitude[..., :-1], recorded, judged, fft_size)
    advance = _distance_of_advance(phase[..., :-1], recorded, judged)
    return Distance(heard, _mel_distance(made, wanted), named, advance)


def _head(decoder: SopranoDecoder, states: Tensor) -> tuple[Tensor, Tensor]:
    """The decoder up to what its head names: logarithms of magnitudes and phases, `[B, bins, frames]` each."""
    frames = decoder.upscale * (states.shape[2] - 1) + 1
    x = decoder.decoder(F.interpolate(states, size=frames, mode="linear", align_corners=True))
    log_magnitude, phase = decoder.head.out(x.transpose(1, 2)).transpose(1, 2).chunk(2, dim=1)
    return log_magnitude, phase


def _frames(samples: Tensor, fft_size: int) -> Tensor:
    """The spectra `[B, bins, frames]` of `samples`, a quarter of a window apart."""
    window = torch.hann_window(fft_size, device=samples.device)
    return torch.stft(samples, fft_size, fft_size // 4, window=window, return_complex=True)


def _distance_of_magnitudes(log_magnitude: Tensor, recorded: Tensor, judged: Tensor, fft_size: int) -> Tensor:
    """How far the magnitudes are from those of the recording, in logarithms, where it is judged."""
    floor = _FLOOR * fft_size / 4
    difference = (log_magnitude.clamp(min=math.log(floor)) - recorded.abs().clamp(min=floor).log()).abs()
    return (difference * judged).sum() / (judged.sum() * log_magnitude.shape[1])


def _distance_of_advance(phase: Tensor, recorded: Tensor, judged: Tensor) -> Tensor:
    """How far phases are from advancing as the recording's do; what is loud counts more."""
    wanted = recorded[..., 1:] * recorded[..., :-1].conj()
    size = wanted.abs().clamp(min=1e-12)
    turn = phase.diff(dim=-1)
    agreement = (turn.cos() * wanted.real + turn.sin() * wanted.imag) / size
    weight = size.pow(_LOUDNESS) * judged[..., 1:] * judged[..., :-1]
    return ((1 - agreement) * weight).sum() / weight.sum()


def _spectral_distance(made: Tensor, wanted: Tensor, window: int) -> Tensor:
    made, wanted = _magnitudes(made, window), _magnitudes(wanted, window)
    convergence: Tensor = torch.linalg.vector_norm(wanted - made) / torch.linalg.vector_norm(wanted)
    difference: Tensor = F.l1_loss(made.clamp(min=_FLOOR).log(), wanted.clamp(min=_FLOOR).log())
    return convergence + difference


def _mel_distance(made: Tensor, wanted: Tensor) -> Tensor:
    return F.l1_loss(_log_mel(made), _log_mel(wanted))


def _log_mel(samples: Tensor) -> Tensor:
    """`[B, bands, frames]`."""
    bands = torch.from_numpy(filters()).T.to(samples.device)
    bins = _magnitudes(samples, _MEL_WINDOW)[:, : bands.shape[1]]
    return (bands @ bins).clamp(min=_MEL_FLOOR).log()


def _magnitudes(samples: Tensor, window: int) -> Tensor:
    """`[B, bins, frames]`, as a full-scale sine would have about 1."""
    spectrum = _frames(samples, window)
    power = spectrum.real.square() + spectrum.imag.square()
    magnitudes: Tensor = (power + 1e-8).sqrt() * (4 / window)
    return magnitudes


def optimiser(decoder: SopranoDecoder) -> torch.optim.AdamW:
    """AdamW with the momenta that vocoders are trained with."""
    return torch.optim.AdamW(decoder.parameters(), lr=LEARNING_RATE, betas=(0.8, 0.99), weight_decay=0.01, fused=True)
