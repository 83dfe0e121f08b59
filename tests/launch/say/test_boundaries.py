"""Cutting encoded audio, with the encoders of the server and decoders of other people."""

import io
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from launch.say.boundaries import Boundaries, Boundary, boundaries_of
from proxy.audio.encoder import Encoder
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from tests.proxy.stand_in import RATE, sine

COMPRESSED: list[FormatName] = ["mp3", "aac", "opus"]
CASES = [(name, rate) for name in COMPRESSED for rate in AUDIO_FORMATS[name].rates or ()]


def encoded(name: FormatName, rate: int, samples: NDArray[np.int16]) -> bytes:
    encoder = Encoder(AUDIO_FORMATS[name].with_rate(rate), RATE)
    return encoder.encode(samples) + encoder.finish()


def decoded(data: bytes) -> tuple[NDArray[np.float64], int]:
    """The samples, from -1 to 1, and their rate."""
    with av.open(io.BytesIO(data), "r") as opened:
        (stream,) = opened.streams.audio
        resampler = av.AudioResampler("flt", "mono", stream.rate)
        frames: list[Any] = [each for frame in opened.decode(stream) for each in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64), stream.rate


def fed(data: bytes, name: str, rate: int, step: int = 1000) -> Boundaries:
    boundaries = boundaries_of(name, rate, has_header=True)
    assert boundaries is not None
    for start in range(0, len(data), step):
        boundaries.feed(data[start : start + step])
    return boundaries


def click(seconds: float, at: float) -> NDArray[np.int16]:
    samples = np.zeros(round(seconds * RATE), np.int16)
    samples[round(at * RATE) : round(at * RATE) + 320] = sine(320, amplitude=0.9, frequency=1000)
    return samples


def clicks(samples: NDArray[np.float64], rate: int) -> list[float]:
    """When clicks are at their middle, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > 0.25) / rate
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > 0.1) + 1)
    return [float(group.mean()) for group in groups if group.size]


@pytest.mark.parametrize(("name", "rate"), CASES)
def test_the_last_boundary_is_the_end_that_is_played(name: FormatName, rate: int) -> None:
    data = encoded(name, rate, sine(3 * RATE))
    samples, played = decoded(data)
    last = fed(data, name, rate).last
    assert last.bytes == len(data)
    assert last.seconds == pytest.approx(len(samples) / played, abs=1e-6)


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize("name", COMPRESSED)
def test_pieces_do_not_matter(name: FormatName, step: int) -> None:
    rate = AUDIO_FORMATS[name].rate
    data = encoded(name, rate, sine(RATE))
    assert fed(data, name, rate, step).after(0.5) == fed(data, name, rate).after(0.5)


@pytest.mark.parametrize(("name", "rate"), CASES)
def test_what_comes_before_a_cut_is_heard_and_what_goes_on_is_in_time(name: FormatName, rate: int) -> None:
    """A click at the end of a sentence, and one in the clip that goes on after it."""
    first = encoded(name, rate, click(2.0, at=0.98))
    cut = fed(first, name, rate).after(1.0)
    assert cut is not None
    assert 1.0 <= cut.seconds < 1.0 + 2400 / rate + 0.021
    second = encoded(name, rate, click(1.0, at=0.5))
    one, other = clicks(*decoded(first[: cut.bytes] + second))
    delay = one - 0.985
    assert 0 <= delay + 0.001 < 1400 / rate
    assert other == pytest.approx(cut.seconds + 0.505 + delay, abs=0.004)


@pytest.mark.parametrize(
    ("encoding", "rate", "second"), [("pcm_s16le", 24000, 48000), ("pcmu", 8000, 8000), ("pcma", 8000, 8000)]
)
def test_samples_are_cut_exactly(encoding: str, rate: int, second: int) -> None:
    boundaries = fed(bytes(2 * second), encoding, rate)
    assert boundaries.after(0.5) == Boundary(second // 2, 0.5)
    assert boundaries.after(3.0) is None
    assert boundaries.last == Boundary(2 * second, 2.0)


@pytest.mark.parametrize(("has_header", "header"), [(True, 44), (False, 0)])
def test_the_header_of_a_wav_is_no_audio(has_header: bool, header: int) -> None:
    boundaries = boundaries_of("wav", 32000, has_header=has_header)
    assert boundaries is not None
    boundaries.feed(bytes(header + 64000))
    assert boundaries.after(0.5) == Boundary(header + 32000, 0.5)
    assert boundaries.last == Boundary(header + 64000, 1.0)


def test_flac_has_none() -> None:
    assert boundaries_of("flac", 32000, has_header=True) is None


@pytest.mark.parametrize("name", COMPRESSED)
def test_what_is_not_the_format_has_none(name: str) -> None:
    boundaries = fed(b"something else" * 1000, name, 32000)
    assert boundaries.last == Boundary(0, 0.0)
    assert boundaries.after(0.001) is None


def test_after_a_sentence_earlier_boundaries_are_forgotten() -> None:
    data = encoded("mp3", 32000, sine(3 * RATE))
    boundaries = fed(data, "mp3", 32000)
    late = boundaries.after(2.0)
    assert boundaries.after(1.0) == late
