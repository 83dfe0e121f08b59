"""The supported audio formats, and libav's settings for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from proxy.errors import InvalidValue

FormatName = Literal["mp3", "opus", "aac", "flac", "wav", "pcm", "pcmu", "pcma"]
Codec = Literal["libmp3lame", "libopus", "aac", "flac", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]


@dataclass(frozen=True)
class AudioFormat:
    """One mono output format: its media type, its sample rate in Hz, and libav's names and options for it.

    `sized_header` marks WAV: its header states sizes that are known only at the end, so the encoder omits the header.
    `in_thread` marks formats that take 2 to 5 ms of processor time per second of audio: a hundred streams of that
    would hold up the event loop, while libav works without the interpreter lock. The others take 1 ms or less, and
    going to a thread and back takes 1 to 2. `encoder_delay` is how many seconds of audio go in before any come out.
    """

    content_type: str
    rate: int
    codec: Codec
    muxer: str
    bit_rate: int | None = None
    codec_options: Mapping[str, str] = field(default_factory=dict)
    muxer_options: Mapping[str, str] = field(default_factory=dict)
    sized_header: bool = False
    in_thread: bool = True
    encoder_delay: float = 0.0
    other_content_types: tuple[str, ...] = ()
    rates: tuple[int, ...] | None = None  # supported by the codec, in Hz; None for any

    @property
    def content_types(self) -> tuple[str, ...]:
        """Every media type that the format can be sent as."""
        return (self.content_type, *self.other_content_types)

    def with_content_type(self, content_type: str) -> Self:
        """The same format with another media type."""
        return replace(self, content_type=content_type)

    def with_rate(self, rate: int) -> Self:
        """The same format at another sample rate. Raises `InvalidValue` for one that the codec does not support."""
        if self.rates is not None and rate not in self.rates:
            supported = ", ".join(map(str, self.rates))
            raise InvalidValue("sample_rate", f"{self.content_type} supports the rates {supported}.")
        return replace(self, rate=rate)


AUDIO_FORMATS: Mapping[FormatName, AudioFormat] = {
    "mp3": AudioFormat(
        content_type="audio/mpeg",
        rate=32000,
        codec="libmp3lame",
        muxer="mp3",
        rates=(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
        bit_rate=128_000,
        # Without the bit reservoir each frame is sent as soon as it is encoded, 36 ms earlier. At this bit rate LAME's
        # noise shaping does harm: without it, speech is 2 to 5 dB closer to the original in every critical band and
        # takes half the time.
        codec_options={"reservoir": "0", "compression_level": "7"},
        # Clients concatenate clips, and a Xing frame or an ID3 tag in the middle would be heard or misread.
        muxer_options={"write_xing": "0", "id3v2_version": "0"},
        encoder_delay=0.072,
    ),
    "opus": AudioFormat(
        content_type="audio/ogg",
        rate=48000,
        codec="libopus",
        muxer="ogg",
        other_content_types=("audio/opus",),
        rates=(8000, 12000, 16000, 24000, 48000),
        bit_rate=64_000,
        # From 7 on, libopus looks for tones, as music has them. For speech that takes a quarter more time, for 6 %
        # fewer bytes that are 0.5 dB farther from the original.
        codec_options={"compression_level": "5"},
        # In microseconds. The default of one second would delay the first audio by as much.
        muxer_options={"page_duration": "20000"},
        encoder_delay=0.041,
    ),
    "aac": AudioFormat(
        content_type="audio/aac",
        rate=32000,
        codec="aac",
        muxer="adts",
        rates=(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
        bit_rate=96_000,
        # For speech, this coder is faster than the default one and closer to the original, and also without temporal
        # noise shaping and without noise in the place of bands.
        codec_options={"aac_coder": "fast", "aac_tns": "0", "aac_pns": "0"},
        encoder_delay=0.064,
    ),
    "flac": AudioFormat(
        content_type="audio/flac",
        rate=32000,
        codec="flac",
        muxer="flac",
        # Frames of 16 ms instead of 72, and no 8 KB of padding before the first.
        codec_options={"frame_size": "512"},
        muxer_options={"metadata_header_padding": "0"},
        in_thread=False,
        encoder_delay=0.016,
    ),
    "wav": AudioFormat(
        content_type="audio/wav",
        rate=32000,
        codec="pcm_s16le",
        muxer="s16le",
        sized_header=True,
        in_thread=False,
    ),
    "pcm": AudioFormat(
        content_type="audio/pcm",
        # Every client of OpenAI's API assumes this rate for headerless samples.
        rate=24000,
        codec="pcm_s16le",
        muxer="s16le",
        in_thread=False,
    ),
    # G.711, what telephones speak: one byte for a sample (RFC 3551, 4.5.14).
    "pcmu": AudioFormat(
        content_type="audio/PCMU",
        rate=8000,
        codec="pcm_mulaw",
        muxer="mulaw",
        rates=(8000,),
        in_thread=False,
        encoder_delay=0.004,
    ),
    "pcma": AudioFormat(
        content_type="audio/PCMA",
        rate=8000,
        codec="pcm_alaw",
        muxer="alaw",
        rates=(8000,),
        in_thread=False,
        encoder_delay=0.004,
    ),
}
