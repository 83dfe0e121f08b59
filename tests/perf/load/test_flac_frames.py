"""Frames as libFLAC writes them, with other numbers and sizes than libav's."""

import io

import numpy as np
import pytest
import soundfile

from perf.load import flac_frames
from perf.load.flac_frames import FlacFrames


@pytest.mark.parametrize("rate", [8000, 11025, 32000, 44100])
@pytest.mark.parametrize("samples", [100, 4096, 5000, 300_000, 700_001])
def test_other_encoders_and_lengths(samples: int, rate: int) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(samples) / 10) / 2, rate, format="FLAC", subtype="PCM_16")
    frames = FlacFrames()
    assert frames.take(file.getvalue()) == pytest.approx(samples / rate)


def test_more_frames_than_one_byte_can_number() -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(0).normal(scale=0.1, size=4096 * 2100)
    soundfile.write(file, noise, 32000, format="FLAC", subtype="PCM_16")
    assert FlacFrames().take(file.getvalue()) == pytest.approx(len(noise) / 32000)


@pytest.mark.parametrize("third", [0x08, 0x1F])
def test_what_looks_like_a_header_but_has_a_reserved_size_or_rate_is_none(third: int) -> None:
    begun = bytes([0xFF, 0xF8, third, 0x08, 0x00])
    assert flac_frames._header(begun + _crc_8(begun) + bytes(16)) is None


def _crc_8(data: bytes) -> bytes:
    ends = (bytes([end]) for end in range(256))
    return next(end for end in ends if flac_frames._checksum(data + end, flac_frames._CRC_8, 8) == 0)
