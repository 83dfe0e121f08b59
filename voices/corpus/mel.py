"""Log-mel spectra, on the grid of Soprano's decoder: four frames a token, centred where the token is."""

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
TOKEN = FRAMES_PER_TOKEN * HOP  # samples a token at the teacher's rate

_WINDOW = 512  # 32 ms
_FLOOR = 1e-5  # of the magnitude; 88 dB under a sine of full scale, which only pauses are


def token_count(samples: int) -> int:
    """How many tokens, and states, so many samples at the teacher's rate are: N of them make N - 1 tokens of audio."""
    return -(-samples // TOKEN) + 1


def log_mel(samples: Tensor) -> Tensor:
    """Return `[N, FRAMES_PER_TOKEN * BANDS]` for samples `[T]` at the teacher's rate.

    Row i describes the token that is centred at sample `i * TOKEN`, where the decoder puts state i.
    """
    count = token_count(len(samples))
    frames = FRAMES_PER_TOKEN * count
    # Frame 0 is centred half a hop after the first token's beginning, half a token before the clip's.
    before = TOKEN // 2 - HOP // 2 + _WINDOW // 2
    after = (frames - 1) * HOP + _WINDOW - before - len(samples)
    padded = torch.nn.functional.pad(samples, (before, after))
    window = torch.hann_window(_WINDOW)
    spectrum = torch.stft(padded, _WINDOW, HOP, window=window, center=False, return_complex=True).abs()
    mel = torch.from_numpy(filters()).T @ spectrum / _WINDOW
    return mel.clamp(min=_FLOOR).log().T.reshape(count, FRAMES_PER_TOKEN * BANDS)


@cache
def filters() -> NDArray[np.float32]:
    """The bands over the bins of a spectrum, `[bins, BANDS]`: a bin is 31.25 Hz, the last one is 8 kHz."""
    filters = mel_filter_bank(_WINDOW // 2 + 1, BANDS, 60.0, SAMPLE_RATE / 2, SAMPLE_RATE, norm=None, mel_scale="htk")
    return np.asarray(filters, dtype=np.float32)
