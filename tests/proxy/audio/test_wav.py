"""The WAV header, as other libraries read it."""

import io
import wave

import soundfile

from proxy.audio.wav import HEADER_BYTES, wav_header
from tests.proxy.listening import read_with_ffmpeg
from tests.proxy.stand_in import RATE, sine

SAMPLES = sine(1000).astype("<i2").tobytes()


def test_known_length_is_stated() -> None:
    clip = wav_header(RATE, len(SAMPLES)) + SAMPLES
    with wave.open(io.BytesIO(clip)) as reader:
        assert reader.getparams()[:4] == (1, 2, RATE, 1000)
    assert int.from_bytes(clip[4:8], "little") == len(clip) - 8


def test_header_is_44_bytes_without_other_chunks() -> None:
    header = wav_header(RATE, None)
    assert len(header) == HEADER_BYTES
    assert header[36:40] == b"data"


def test_unknown_length_is_read_to_the_end() -> None:
    clip = wav_header(RATE, None) + SAMPLES
    with wave.open(io.BytesIO(clip)) as reader:
        assert reader.readframes(10_000) == SAMPLES
    assert len(soundfile.read(io.BytesIO(clip))[0]) == 1000
    assert len(read_with_ffmpeg(clip, "wav", RATE).samples) == 1000
