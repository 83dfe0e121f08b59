"""Log-mel spectra at the positions of Soprano's decoder: four frames for each token, centred on the token."""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

SAMPLE_RATE = 32_000
"""The decoder's."""

BANDS = 80
FRAMES_PER_TOKEN = 4
HOP = 512  # samples, 16 ms: the decoder's hop
TOKEN = FRAMES_PER_TOKEN * HOP  # samples of a token

_WINDOW = 1024  # 32 ms
_LOWEST, _HIGHEST = 60.0, 12_000.0  # hertz; the teacher's sound ends there
_FLOOR = 1e-5  # of the magnitude; 88 dB below a full-scale sine: only pauses are quieter


def token_count(samples: int) -> int:
    """The number of tokens, and of states, for `samples`: N states make N - 1 tokens of audio."""
    return -(-samples // TOKEN) + 1


def frame_times(tokens: int) -> NDArray[np.float64]:
    """The seconds at which the frames of `log_mel` are centred, `[tokens * FRAMES_PER_TOKEN]`."""
    frames = np.arange(tokens * FRAMES_PER_TOKEN)
    times: NDArray[np.float64] = (frames - (FRAMES_PER_TOKEN - 1) / 2) * HOP / SAMPLE_RATE
    return times


def log_mel(samples: Tensor) -> Tensor:
    """Return `[N, FRAMES_PER_TOKEN * BANDS]` for samples `[T]`.

    Row i describes the token that is centred at sample `i * TOKEN`, where the decoder places state i.
    """
    count = token_count(len(samples))
    frames = FRAMES_PER_TOKEN * count
    # Token 0 begins half a token before the clip. Frame 0 is centred half a hop after the beginning of token 0.
    before = TOKEN // 2 - HOP // 2 + _WINDOW // 2
    after = (frames - 1) * HOP + _WINDOW - before - len(samples)
    padded = torch.nn.functional.pad(samples, (before, after))
    window = torch.hann_window(_WINDOW)
    spectrum = torch.stft(padded, _WINDOW, HOP, window=window, center=False, return_complex=True).abs()
    mel = torch.from_numpy(filters(_WINDOW, BANDS)) @ spectrum / _WINDOW
    return mel.clamp(min=_FLOOR).log().T.reshape(count, FRAMES_PER_TOKEN * BANDS)


@cache
def filters(window: int, bands: int) -> NDArray[np.float32]:
    """The mel filters `[bands, bins]` for spectra of `window` samples."""
    bank = mel_filter_bank(window // 2 + 1, bands, _LOWEST, _HIGHEST, SAMPLE_RATE, norm=None, mel_scale="htk")
    return np.ascontiguousarray(np.asarray(bank, dtype=np.float32).T)
