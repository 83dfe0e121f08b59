"""Log-mel spectra at the positions of Soprano's decoder: four frames for each token, centred on the token."""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from voices.corpus.teacher import SAMPLE_RATE

BANDS = 80
FRAMES_PER_TOKEN = 4
HOP = 256  # samples at the teacher's rate, 16 ms: the decoder's hop
TOKEN = FRAMES_PER_TOKEN * HOP  # samples of a token at the teacher's rate

_WINDOW = 512  # 32 ms
_FLOOR = 1e-5  # of the magnitude; 88 dB below a full-scale sine: only pauses are quieter


def token_count(samples: int) -> int:
    """The number of tokens, and of states, for `samples` at the teacher's rate: N states make N - 1 tokens of audio."""
    return -(-samples // TOKEN) + 1


def log_mel(samples: Tensor) -> Tensor:
    """Return `[N, FRAMES_PER_TOKEN * BANDS]` for samples `[T]` at the teacher's rate.

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
    mel = torch.from_numpy(filters()).T @ spectrum / _WINDOW
    return mel.clamp(min=_FLOOR).log().T.reshape(count, FRAMES_PER_TOKEN * BANDS)


@cache
def filters() -> NDArray[np.float32]:
    """The mel filters `[bins, BANDS]`; a bin of the spectrum is 31.25 Hz wide, and the last one is at 8 kHz."""
    filters = mel_filter_bank(_WINDOW // 2 + 1, BANDS, 60.0, SAMPLE_RATE / 2, SAMPLE_RATE, norm=None, mel_scale="htk")
    return np.asarray(filters, dtype=np.float32)
