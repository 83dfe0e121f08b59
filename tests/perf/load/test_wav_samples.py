import struct

import pytest

from perf.load.unplayable import Unplayable
from perf.load.wav_samples import WavSamples


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def wav(*chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WAVE" + b"".join(chunks)


def samples_of(kind: int, rate: int, sample_bytes: int) -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHH", kind, 1, rate, rate * sample_bytes, sample_bytes, 8 * sample_bytes))


def test_any_rate_and_kind_of_sample_is_read_from_the_header() -> None:
    assert WavSamples().take(wav(samples_of(1, 8000, 2), chunk(b"data", bytes(8000)))) == 0.5
    assert WavSamples().take(wav(samples_of(3, 48000, 4), chunk(b"data", bytes(48000)))) == 0.25


def test_other_chunks_are_no_audio() -> None:
    body = wav(samples_of(1, 8000, 2), chunk(b"LIST", b"abc"), chunk(b"data", bytes(1600)), chunk(b"LIST", bytes(200)))
    samples = WavSamples()
    assert sum(samples.take(bytes([byte])) for byte in body) == pytest.approx(0.1)


def test_compressed_samples_are_refused() -> None:
    with pytest.raises(Unplayable, match="compressed"):
        WavSamples().take(wav(samples_of(0x55, 8000, 1), chunk(b"data", bytes(1600))))


def test_samples_that_nobody_described_are_refused() -> None:
    with pytest.raises(Unplayable, match="before it says what they are"):
        WavSamples().take(wav(chunk(b"data", bytes(1600))))
