import pytest

from proxy.errors import InvalidValue
from proxy.routers.live.elevenlabs.output_format import OUTPUT_FORMATS, output_format


@pytest.mark.parametrize(
    ("name", "codec", "rate", "bit_rate"),
    [
        ("mp3_44100_128", "libmp3lame", 44100, 128_000),
        ("mp3_44100", "libmp3lame", 44100, 128_000),
        ("mp3_22050_32", "libmp3lame", 22050, 32_000),
        ("opus_48000_96", "libopus", 48000, 96_000),
        ("pcm_22050", "pcm_s16le", 22050, None),
        ("ulaw_8000", "pcm_mulaw", 8000, None),
        ("alaw_8000", "pcm_alaw", 8000, None),
    ],
)
def test_a_name_tells_the_encoding(name: str, codec: str, rate: int, bit_rate: int | None) -> None:
    encoding = output_format(name).encoding
    assert (encoding.codec, encoding.rate, encoding.bit_rate) == (codec, rate, bit_rate)


def test_mp3_is_the_default() -> None:
    assert output_format(None) == OUTPUT_FORMATS["mp3_44100_128"]


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InvalidValue, match=r"there is no format 'pcm_1'\. Use one of: mp3_22050_32"):
        output_format("pcm_1")
