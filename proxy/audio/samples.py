"""The type of audio samples in the proxy."""

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Mono 16-bit samples, shape [n]."""


def joined(*parts: Samples) -> Samples:
    """The parts as one array; not copied if only one has samples, since a part may be a whole clip."""
    filled = [part for part in parts if part.size]
    return filled[0] if len(filled) == 1 else np.concatenate(parts)


def audio_frame(samples: Samples, rate: int) -> av.AudioFrame:
    """The samples as a libav frame."""
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    return frame
