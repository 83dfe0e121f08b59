"""A reader of the audio that clients get."""

import io
from dataclasses import dataclass

import av
import numpy as np

from tests.clients.texts import CLIENTS_RATE

RATES = {"mp3": 32000, "opus": 48000, "aac": 32000, "flac": 32000, "wav": 32000}
PADDING = {"mp3": 0.12, "opus": 0.03, "aac": 0.12, "flac": 0.0, "wav": 0.0}
"""What a codec adds at the ends, in seconds."""


@dataclass(frozen=True)
class Heard:
    """Decoded audio; its loudest sample is `peak` of full scale."""

    seconds: float
    rate: int
    channels: int
    peak: float


def hear(file: bytes) -> Heard:
    """Decode a file of whatever format."""
    to_pcm = av.AudioResampler(format="s16", layout="mono")
    with av.open(io.BytesIO(file), "r") as container:
        stream = container.streams.audio[0]
        rate, channels = stream.rate, stream.channels
        frames = [pcm for frame in container.decode(stream) for pcm in to_pcm.resample(frame)]
    return _heard(np.concatenate([frame.to_ndarray()[0] for frame in frames]).tobytes(), rate, channels)


def hear_pcm(body: bytes) -> Heard:
    """Take bytes for what every client takes `pcm` for: 16-bit samples, mono, at 24 kHz."""
    return _heard(body, CLIENTS_RATE, 1)


def assert_whole(file: bytes, audio_format: str, seconds: float) -> None:
    """Check that a file holds a clip of `seconds`, all of it and nothing more, and that one can hear it."""
    heard = hear(file)
    assert (heard.rate, heard.channels) == (RATES[audio_format], 1)
    assert seconds - 0.01 <= heard.seconds <= seconds + PADDING[audio_format] + 0.01
    assert heard.peak > 0.05


def _heard(body: bytes, rate: int, channels: int) -> Heard:
    samples = np.frombuffer(body, np.int16).astype(np.float32) / 2**15
    return Heard(len(samples) / rate, rate, channels, float(np.abs(samples).max()))
