import numpy as np
import pytest

from proxy.audio.encoder import Encoder
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.audio.wav import wav_header
from tests.voices.conftest import SPOKEN
from voices.errors import VoiceError
from voices.evaluation.audio_file import read
from voices.evaluation.recogniser import Recogniser
from voices.evaluation.sound import Sound
from voices.evaluation.word_errors import comparable_words


def streamed(sound: Sound, name: FormatName) -> bytes:
    """The body that the proxy would send, with headers that state no length."""
    audio_format = AUDIO_FORMATS[name]
    header = wav_header(audio_format.rate, None) if audio_format.sized_header else b""
    encoder = Encoder(audio_format, sound.rate)
    half = len(sound.samples) // 2
    pieces = [encoder.encode(samples) for samples in np.split(sound.integers(), [half])]
    return b"".join((header, *pieces, encoder.finish()))


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_a_stream_is_decoded_to_its_end(recogniser: Recogniser, clips: dict[str, Sound], name: FormatName) -> None:
    sister = clips["sister"].at(32_000)
    decoded = read(streamed(sister, name), name)
    assert decoded.samples.ndim == 1
    assert sister.seconds - 0.01 <= decoded.seconds <= sister.seconds + 0.15
    assert comparable_words(recogniser.text(decoded)) == comparable_words(SPOKEN["sister"])


@pytest.mark.parametrize("name", ["mp3", "aac", "wav"])
def test_what_is_no_audio_is_refused(name: FormatName) -> None:
    with pytest.raises(VoiceError, match="the server's answer"):
        read(b'{"error": {"message": "no"}}', name)
