"""Every format as the proxy encodes it, compared with decoders that share no code with the meter."""

from collections.abc import Callable
from itertools import accumulate

import pytest

from measuring.stream import Stream
from perf.playback import PlaybackMeter, Unplayable
from perf.servers.replay import RATE, chunks, clip
from proxy.audio.encoder import Encoder
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.audio.wav import wav_header
from tests.proxy.listening import Heard, read_g711, read_samples, read_with_ffmpeg

SECONDS = 3.0
# Seconds in one frame or sample; for opus the duration of a page, 20 ms, is known more exactly.
FRAME = {
    "mp3": 1152 / RATE,
    "opus": 0.01,
    "aac": 1024 / RATE,
    "flac": 512 / RATE,
    "wav": 1 / RATE,
    "pcm": 1 / 24000,
    "pcmu": 1 / 8000,
    "pcma": 1 / 8000,
}
# Seconds by which the encoder is behind its input: its own delay, and incomplete frames.
BEHIND = {
    "mp3": 0.072,
    "opus": 0.041,
    "aac": 0.064,
    "flac": 0.016,
    "wav": 0.0,
    "pcm": 0.002,
    "pcmu": 0.005,
    "pcma": 0.005,
}
EVERY_FORMAT = pytest.mark.parametrize("name", AUDIO_FORMATS)
DECODERS: dict[FormatName, Callable[[bytes], Heard]] = {
    "opus": lambda body: read_with_ffmpeg(body, "ogg", 48000),
    "pcm": lambda body: read_samples(body, 24000),
    "pcmu": lambda body: read_g711(body, "ULAW"),
    "pcma": lambda body: read_g711(body, "ALAW"),
}
"""For the formats that a decoder of the same name does not read by itself."""


@pytest.fixture(scope="module")
def bodies() -> dict[FormatName, list[bytes]]:
    """A clip as the proxy sends it: one piece for each of the engine's chunks, and one for the end."""
    return {name: encoded(name) for name in AUDIO_FORMATS}


def encoded(name: FormatName) -> list[bytes]:
    encoder = Encoder(AUDIO_FORMATS[name], RATE)
    pieces = [encoder.encode(chunk) for chunk in chunks(clip(SECONDS))] + [encoder.finish()]
    return [wav_header(RATE, None) + pieces[0], *pieces[1:]] if name == "wav" else pieces


def measured(name: FormatName, pieces: list[bytes]) -> Stream:
    """The stream of pieces that arrive one a second."""
    meter = PlaybackMeter(name, sent=-1.0)
    for time, piece in enumerate(pieces):
        meter.take(float(time), piece)
    return meter.finish()


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[begin : begin + size] for begin in range(0, len(body), size)]


@EVERY_FORMAT
def test_all_of_it_is_as_long_as_a_decoder_finds(name: FormatName, bodies: dict[FormatName, list[bytes]]) -> None:
    body = b"".join(bodies[name])
    decode = DECODERS.get(name)
    decoded = decode(body) if decode else read_with_ffmpeg(body, name, AUDIO_FORMATS[name].rate)
    assert measured(name, bodies[name]).audio == pytest.approx(decoded.seconds, abs=FRAME[name])


@EVERY_FORMAT
def test_it_does_not_matter_how_it_is_cut(name: FormatName, bodies: dict[FormatName, list[bytes]]) -> None:
    whole = measured(name, [b"".join(bodies[name])])
    for size in (1000, 37):
        assert measured(name, cut(b"".join(bodies[name]), size)).audio == pytest.approx(whole.audio)


@EVERY_FORMAT
def test_audio_counts_with_the_piece_that_completes_it(name: FormatName, bodies: dict[FormatName, list[bytes]]) -> None:
    arrivals = {arrival.time: arrival.audio for arrival in measured(name, bodies[name]).arrivals}
    spoken = list(accumulate(len(chunk) / RATE for chunk in chunks(clip(SECONDS))))
    playable = list(accumulate(arrivals.get(float(time), 0.0) for time in range(len(spoken))))
    behind = [said - played for said, played in zip(spoken, playable, strict=True)]
    assert min(behind) > -1e-9
    assert max(behind) < BEHIND[name] + FRAME[name]


@EVERY_FORMAT
def test_one_byte_less_than_the_first_frame_is_no_audio(
    name: FormatName, bodies: dict[FormatName, list[bytes]]
) -> None:
    body = b"".join(bodies[name])
    pieces = [*cut(body[:4000], 1), body[4000:]]
    first = int(measured(name, pieces).arrivals[0].time)
    assert first < 4000
    with pytest.raises(Unplayable, match="no audio in"):
        measured(name, pieces[:first])


@pytest.mark.parametrize("name", ["opus", "flac", "wav"])
def test_something_else_cannot_be_played(name: FormatName) -> None:
    with pytest.raises(Unplayable, match="does not begin with"):
        measured(name, [b'{"error": {"message": ', b'"not audio", and so on, and so on"}}'])


@pytest.mark.parametrize("name", [name for name in AUDIO_FORMATS if name not in ("pcmu", "pcma")])  # 1 byte a sample
def test_body_without_its_last_byte_is_cut(name: FormatName, bodies: dict[FormatName, list[bytes]]) -> None:
    body = b"".join(bodies[name])
    sized = [wav_header(RATE, len(body) - 44), body[44:]] if name == "wav" else [body]
    assert measured(name, sized)
    with pytest.raises(Unplayable, match=r"in the middle of a|last sample is incomplete|lacks the last 1 bytes"):
        measured(name, [*sized[:-1], sized[-1][:-1]])


@pytest.mark.parametrize("name", ["mp3", "aac"])
def test_something_else_has_no_frames(name: FormatName) -> None:
    with pytest.raises(Unplayable, match=f"no audio in 200 bytes of {name}"):
        measured(name, [b'{"error": {"message": "not audio"}} ' * 5, b"." * 20])


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac"])
def test_noise_in_the_middle_cannot_be_played(name: FormatName, bodies: dict[FormatName, list[bytes]]) -> None:
    body = b"".join(bodies[name])
    half = len(body) // 2
    with pytest.raises(Unplayable):
        measured(name, [body[:half], bytes(1000), body[half + 1000 :]])


@EVERY_FORMAT
def test_silence_before_the_first_sound_is_found(name: FormatName) -> None:
    samples = clip(SECONDS)
    samples[: RATE // 2] = 0
    encoder = Encoder(AUDIO_FORMATS[name], RATE)
    body = encoder.encode(samples) + encoder.finish()
    stream = measured(name, [wav_header(RATE, len(body)) + body if name == "wav" else body])
    assert stream.silence == pytest.approx(0.5, abs=0.06)  # mp3 and aac decode into a frame of silence before the clip
    assert stream.first_sound == pytest.approx(1.0 + 0.5, abs=0.06)


def test_a_silent_body_has_no_first_sound() -> None:
    assert measured("pcm", [bytes(4800)]).first_sound is None
