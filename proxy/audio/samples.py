"""The type of audio samples in the proxy."""

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Mono 16-bit samples, shape [n]."""


def audio_frame(samples: Samples, rate: int) -> av.AudioFrame:
    """The samples as a libav frame."""
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    return frame
