"""Decodes the audio that clients receive."""

import io
from dataclasses import dataclass

import av
import numpy as np

from tests.clients.texts import CLIENTS_RATE

RATES = {"mp3": 32000, "opus": 48000, "aac": 32000, "flac": 32000, "wav": 32000}
PADDING = {"mp3": 0.12, "opus": 0.03, "aac": 0.12, "flac": 0.0, "wav": 0.0}
"""Seconds that a codec adds at both ends together."""


@dataclass(frozen=True)
class DecodedAudio:
    """Decoded audio; `peak` is the largest sample, full scale is 1."""

    seconds: float
    rate: int
    channels: int
    peak: float


def decode(file: bytes) -> DecodedAudio:
    """Decode a file in any format."""
    to_pcm = av.AudioResampler(format="s16", layout="mono")
    with av.open(io.BytesIO(file), "r") as container:
        stream = container.streams.audio[0]
        rate, channels = stream.rate, stream.channels
        frames = [pcm for frame in container.decode(stream) for pcm in to_pcm.resample(frame)]
    return _decoded(np.concatenate([frame.to_ndarray()[0] for frame in frames]).tobytes(), rate, channels)


def decode_pcm(body: bytes) -> DecodedAudio:
    """Read `pcm` as every client does: 16-bit mono samples at 24 kHz."""
    return _decoded(body, CLIENTS_RATE, 1)


def assert_whole(file: bytes, audio_format: str, seconds: float) -> None:
    """Check that a file contains exactly a clip of `seconds`, and that it is audible."""
    decoded = decode(file)
    assert (decoded.rate, decoded.channels) == (RATES[audio_format], 1)
    assert seconds - 0.01 <= decoded.seconds <= seconds + PADDING[audio_format] + 0.01
    assert decoded.peak > 0.05


def _decoded(body: bytes, rate: int, channels: int) -> DecodedAudio:
    samples = np.frombuffer(body, np.int16).astype(np.float32) / 2**15
    return DecodedAudio(len(samples) / rate, rate, channels, float(np.abs(samples).max()))
