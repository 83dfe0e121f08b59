"""Every format preserves the audio, however it is cut, and delivers it early."""

import itertools
import os
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from proxy.audio.encoder import Encoder
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from tests.proxy.listening import Heard, read_g711, read_samples, read_with_ffmpeg, read_with_libsndfile
from tests.proxy.stand_in import AMPLITUDE, FREQUENCY, RATE, sine

SECONDS = 3
CLIP = sine(SECONDS * RATE)
ODD_SIZES = (1, 6144, 7, 333, 2048, 1151, 1153, 4999)
FORMATS = list(AUDIO_FORMATS)

READERS: dict[str, tuple[FormatName, Callable[[bytes], Heard]]] = {
    "mp3, libsndfile": ("mp3", read_with_libsndfile),
    "mp3, ffmpeg": ("mp3", lambda data: read_with_ffmpeg(data, "mp3", 32000)),
    "opus, libsndfile": ("opus", read_with_libsndfile),
    "opus, ffmpeg": ("opus", lambda data: read_with_ffmpeg(data, "ogg", 48000)),
    "aac, ffmpeg": ("aac", lambda data: read_with_ffmpeg(data, "aac", 32000)),
    "flac, ffmpeg": ("flac", lambda data: read_with_ffmpeg(data, "flac", 32000)),
    "wav": ("wav", lambda data: read_samples(data, 32000)),
    "pcm": ("pcm", lambda data: read_samples(data, 24000)),
    "pcmu": ("pcmu", lambda data: read_g711(data, "ULAW")),
    "pcma": ("pcma", lambda data: read_g711(data, "ALAW")),
}
each_reader = pytest.mark.parametrize(("name", "read"), READERS.values(), ids=READERS.keys())

LEVELS = {"mp3": 0.95}
"""LAME lowers the volume a little, so that rounding does not clip."""

LONGEST_PADDING = dict.fromkeys(FORMATS, 0.0) | {"mp3": 0.1, "aac": 0.1}
"""Seconds of silence around the clip: MP3 and ADTS cannot state how much a decoder must trim."""


def pieces_of(clip: NDArray[np.int16], sizes: Iterable[int]) -> Iterable[NDArray[np.int16]]:
    start = 0
    for size in itertools.cycle(sizes):
        if start >= len(clip):
            return
        yield clip[start : start + size]
        start += size


def encode(
    name: FormatName,
    clip: NDArray[np.int16] = CLIP,
    sizes: Iterable[int] = ODD_SIZES,
    *,
    speed: float = 1.0,
    whole: bool = False,
) -> list[bytes]:
    encoder = Encoder(AUDIO_FORMATS[name], RATE, speed=speed, whole=whole)
    return [*(encoder.encode(piece) for piece in pieces_of(clip, sizes)), encoder.finish()]


@each_reader
def test_tone_comes_out_with_its_pitch_and_level(name: FormatName, read: Callable[[bytes], Heard]) -> None:
    heard = read(b"".join(encode(name)))
    assert heard.rate == AUDIO_FORMATS[name].rate
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=0.5)
    assert heard.amplitude() == pytest.approx(AMPLITUDE * LEVELS.get(name, 1.0), rel=0.02)


@each_reader
def test_nothing_is_lost_and_little_is_added(name: FormatName, read: Callable[[bytes], Heard]) -> None:
    heard = read(b"".join(encode(name)))
    two_samples = 2 / heard.rate
    assert SECONDS - two_samples <= heard.seconds <= SECONDS + LONGEST_PADDING[name] + two_samples


@pytest.mark.parametrize("speed", [1.0, 0.8])
@pytest.mark.parametrize("name", FORMATS)
def test_how_the_clip_is_cut_does_not_matter(name: FormatName, speed: float) -> None:
    odd, one = (b"".join(encode(name, sizes=sizes, speed=speed)) for sizes in (ODD_SIZES, [len(CLIP)]))
    # Ogg gives each stream a random serial number.
    if name == "opus":
        np.testing.assert_array_equal(read_with_libsndfile(odd).samples, read_with_libsndfile(one).samples)
    else:
        assert odd == one


@pytest.mark.parametrize("name", FORMATS)
def test_piece_of_no_samples_is_harmless(name: FormatName) -> None:
    encoder = Encoder(AUDIO_FORMATS[name], RATE)
    empty = np.zeros(0, dtype=np.int16)
    encoded = encoder.encode(empty) + encoder.encode(CLIP) + encoder.encode(empty) + encoder.finish()
    assert len(encoded) == len(b"".join(encode(name, sizes=[len(CLIP)])))


@pytest.mark.parametrize(
    ("name", "milliseconds"),
    [("mp3", 80), ("opus", 50), ("aac", 70), ("flac", 20), ("wav", 10), ("pcm", 10), ("pcmu", 10), ("pcma", 10)],
)
def test_first_audio_needs_few_samples(name: FormatName, milliseconds: int) -> None:
    encoder = Encoder(AUDIO_FORMATS[name], RATE)
    header = encoder.encode(CLIP[:0])
    step = RATE // 100
    for start in range(0, len(CLIP), step):
        if encoder.encode(CLIP[start : start + step]):
            break
    assert len(header) < 200
    assert (start + step) * 1000 / RATE <= milliseconds


@pytest.mark.parametrize("name", FORMATS)
def test_audio_leaves_at_the_pace_at_which_it_comes(name: FormatName) -> None:
    sizes = [len(piece) for piece in encode(name, sizes=[2048])]
    gaps = [len(list(group)) for empty, group in itertools.groupby(sizes, key=lambda size: size == 0) if empty]
    assert max(gaps[1:], default=0) <= 1


@pytest.mark.parametrize("speed", [1.0, 1.25])
@pytest.mark.parametrize("name", FORMATS)
def test_a_clip_starts_no_thread_and_leaves_the_cores_as_they_were(name: FormatName, speed: float) -> None:
    threads, cores = os.listdir("/proc/self/task"), os.sched_getaffinity(0)
    clip = Encoder(AUDIO_FORMATS[name], RATE, speed=speed)
    clip.encode(sine(RATE))
    assert set(os.listdir("/proc/self/task")) <= set(threads)
    assert os.sched_getaffinity(0) == cores


@pytest.mark.parametrize("name", ["pcm", "wav"])
def test_every_write_holds_whole_samples(name: FormatName) -> None:
    assert all(len(piece) % 2 == 0 for piece in encode(name))


def test_resampled_overshoot_is_clipped_not_wrapped() -> None:
    square = np.where(sine(RATE, amplitude=1.0) >= 0, 32767, -32768).astype(np.int16)
    samples = read_samples(b"".join(encode("pcm", square)), 24000).samples
    assert np.max(samples) > 0.999
    assert np.min(samples) < -0.999
    # A sample that wrapped around would stand alone among neighbours of the other sign.
    signs = np.sign(samples[np.abs(samples) > 0.5])
    assert np.count_nonzero(np.diff(signs)) <= 2 * FREQUENCY + 1


def test_mp3_starts_with_audio_and_clips_can_be_concatenated() -> None:
    clip = b"".join(encode("mp3"))
    assert clip[:2] == b"\xff\xfb"
    assert b"Xing" not in clip
    assert b"Info" not in clip[:200]
    twice = read_with_ffmpeg(clip + clip, "mp3", 32000)
    assert twice.seconds == pytest.approx(2 * SECONDS, abs=0.2)


def test_opus_pages_are_20_milliseconds() -> None:
    pages = b"".join(encode("opus")).count(b"OggS")
    assert pages >= SECONDS * 50


def test_flac_and_wav_lose_nothing_at_all() -> None:
    clip = CLIP.astype(np.float32) / 32768
    np.testing.assert_array_equal(read_samples(b"".join(encode("wav")), RATE).samples, clip)
    np.testing.assert_array_equal(read_with_ffmpeg(b"".join(encode("flac")), "flac", RATE).samples, clip)
    # soundfile refuses FLAC without a stated length, and a stream cannot state it.
    np.testing.assert_array_equal(read_with_libsndfile(b"".join(encode("flac", whole=True))).samples, clip)


@pytest.mark.parametrize(("whole", "frames"), [(True, SECONDS * RATE), (False, 0)])
def test_flac_states_its_length_only_when_whole(whole: bool, frames: int) -> None:
    # STREAMINFO: 36 bits of sample count end with byte 26 of the file.
    stream_info = b"".join(encode("flac", whole=whole))[8:42]
    assert int.from_bytes(stream_info[13:18]) & (2**36 - 1) == frames


@pytest.mark.parametrize("speed", [1.0, 1.25])
@each_reader
def test_whole_clip_is_the_same_audio(name: FormatName, read: Callable[[bytes], Heard], speed: float) -> None:
    pieces = encode(name, speed=speed, whole=True)
    assert not any(pieces[:-1])
    np.testing.assert_array_equal(read(pieces[-1]).samples, read(b"".join(encode(name, speed=speed))).samples)


@pytest.mark.parametrize("speed", [0.25, 0.8, 1.25, 4.0])
@each_reader
def test_speed_is_a_matter_of_time_only(name: FormatName, read: Callable[[bytes], Heard], speed: float) -> None:
    heard = read(b"".join(encode(name, speed=speed)))
    two_samples = 2 / heard.rate
    assert SECONDS / speed - two_samples <= heard.seconds <= SECONDS / speed + LONGEST_PADDING[name] + two_samples
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=1)


@pytest.mark.parametrize("frequency", [100, 440, 1000, 3000, 5000, 8000, 10000])
def test_tone_passes_the_resampler_cleanly_and_without_a_seam(frequency: int) -> None:
    heard = read_samples(b"".join(encode("pcm", sine(SECONDS * RATE, frequency=frequency))), 24000)
    assert heard.signal_to_noise(frequency) > 80
    assert heard.amplitude() == pytest.approx(AMPLITUDE, rel=0.01)


@pytest.mark.parametrize("frequency", [13500, 14500, 15500])
def test_what_24_khz_cannot_hold_is_filtered_out_and_not_folded(frequency: int) -> None:
    heard = read_samples(b"".join(encode("pcm", sine(SECONDS * RATE, frequency=frequency))), 24000)
    assert heard.amplitude() < AMPLITUDE / 1000


@pytest.mark.parametrize("name", ["pcmu", "pcma"])
@pytest.mark.parametrize("frequency", [4500, 6000, 8000, 12000])
def test_what_a_telephone_cannot_hold_is_filtered_out_and_not_folded(name: FormatName, frequency: int) -> None:
    encoded = b"".join(encode(name, sine(SECONDS * RATE, frequency=frequency)))
    assert READERS[name][1](encoded).amplitude() < AMPLITUDE / 500  # A-law's smallest sample is not 0


@each_reader
def test_clip_of_one_token_is_whole(name: FormatName, read: Callable[[bytes], Heard]) -> None:
    heard = read(b"".join(encode(name, CLIP[:2048])))
    assert heard.seconds >= 2048 / RATE - 2 / heard.rate


def test_other_rates_of_the_model_are_resampled() -> None:
    encoder = Encoder(AUDIO_FORMATS["wav"], input_rate=24000)
    heard = read_samples(encoder.encode(CLIP[:24000]) + encoder.finish(), 32000)
    assert heard.seconds == pytest.approx(1.0, abs=2 / 32000)


@pytest.mark.parametrize("name", FORMATS)
def test_the_encoder_delay_is_what_goes_in_before_anything_comes_out(name: FormatName) -> None:
    encoder = Encoder(AUDIO_FORMATS[name], RATE)
    silent = 0
    for _ in range(200):
        millisecond = sine(RATE // 1000, silent * RATE // 1000)
        if encoder.encode(millisecond) and silent:  # the very first bytes are headers
            break
        silent += 1
    encoder.finish()
    assert silent / 1000 == pytest.approx(AUDIO_FORMATS[name].encoder_delay, abs=0.003)
