"""Decoders that share no code with the encoder: libsndfile, and a separate ffmpeg."""

import io
import subprocess
from dataclasses import dataclass
from typing import Literal

import imageio_ffmpeg
import numpy as np
import soundfile
from numpy.typing import NDArray


@dataclass(frozen=True)
class Heard:
    """Decoded audio: `samples` from -1 to 1, mono, at `rate` Hz."""

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def middle(self) -> NDArray[np.float32]:
        """The samples without the first and last tenth of a second, where codecs fade in and out."""
        edge = self.rate // 10
        return self.samples[edge:-edge]

    def frequency(self) -> float:
        """The strongest frequency in Hz."""
        middle = self.middle()
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n=16 * self.rate))
        return float(np.argmax(spectrum)) / 16

    def amplitude(self) -> float:
        """The amplitude that a sine of this power has."""
        return float(np.sqrt(2 * np.mean(self.middle() ** 2)))

    def signal_to_noise(self, frequency: float) -> float:
        """The power of a tone of `frequency` Hz over that of everything else, in dB."""
        middle = self.middle().astype(np.float64)
        phase = 2 * np.pi * frequency * np.arange(len(middle)) / self.rate
        waves = np.stack([np.sin(phase), np.cos(phase)], axis=1)
        tone = waves @ np.linalg.lstsq(waves, middle, rcond=None)[0]
        return float(10 * np.log10(np.var(tone) / max(np.var(middle - tone), 1e-20)))


def read_with_libsndfile(data: bytes) -> Heard:
    """WAV, MP3, Ogg Opus, or FLAC of stated length."""
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    assert samples.shape[1] == 1
    return Heard(samples[:, 0], rate)


def read_with_ffmpeg(data: bytes, demuxer: str, rate: int) -> Heard:
    """Any format, read from a pipe as a player would; any message from ffmpeg fails the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", demuxer, "-i", "pipe:0"]
    command += ["-f", "f32le", "-ac", "1", "-ar", str(rate), "pipe:1"]
    result = subprocess.run(command, input=data, capture_output=True, check=True)
    assert not result.stderr, result.stderr.decode()
    return Heard(np.frombuffer(result.stdout, dtype=np.float32), rate)


def read_g711(data: bytes, subtype: Literal["ULAW", "ALAW"]) -> Heard:
    """Headerless samples of one byte, at a telephone's 8 kHz."""
    samples, rate = soundfile.read(
        io.BytesIO(data), dtype="float32", samplerate=8000, channels=1, format="RAW", subtype=subtype
    )
    return Heard(samples, rate)


def read_samples(data: bytes, rate: int) -> Heard:
    """Headerless 16-bit samples."""
    return Heard(np.frombuffer(data, dtype="<i2").astype(np.float32) / 32768, rate)
