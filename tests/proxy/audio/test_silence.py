"""Where a clip becomes audible, and what is removed before that."""

import numpy as np
import pytest
from numpy.typing import NDArray

from proxy.audio.silence import SilenceTrimmer, SoundDetector
from tests.proxy.stand_in import RATE, sine

WINDOW, PRE_ROLL, MOST = 160, 320, 16000  # samples: 5 ms, 10 ms, 0.5 s
NOISE, BREATH, QUIET = (10 ** (level / 20) for level in (-65, -53, -45))
SIZES = (1, 7, 160, 1000, 3072, 10**6)


def clip(silence: int, sound: int = 8000, noise: float = NOISE) -> NDArray[np.int16]:
    """Noise, and a tone from the sample `silence` on."""
    random = np.random.default_rng(1).normal(0, noise * 32768, silence).round().astype(np.int16)
    return np.concatenate([random, sine(sound)])


def cut(samples: NDArray[np.int16], size: int) -> list[NDArray[np.int16]]:
    return [samples[begin : begin + size] for begin in range(0, len(samples), size)]


def first(samples: NDArray[np.int16], size: int = 1000) -> int | None:
    detector = SoundDetector(RATE)
    for piece in cut(samples, size):
        detector.add(piece)
    return detector.first


def trimmed(samples: NDArray[np.int16], size: int = 1000) -> NDArray[np.int16]:
    trimmer = SilenceTrimmer(RATE)
    pieces = [trimmer.trim(piece) for piece in cut(samples, size)]
    return np.concatenate([*pieces, trimmer.finish()])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("silence", [0, 1, 140, 160, 1300, 3072, 40000])
def test_the_first_sound_is_found_however_the_clip_is_cut(silence: int, size: int) -> None:
    assert first(clip(silence), size) == silence // WINDOW * WINDOW


def test_noise_and_a_soft_breath_are_silence() -> None:
    assert first(clip(1600, sound=0, noise=BREATH)) is None


def test_a_quiet_sound_is_heard() -> None:
    assert first(sine(WINDOW, amplitude=QUIET * 2**0.5, frequency=200.0)) == 0


def test_one_loud_sample_in_silence_is_heard() -> None:
    click = np.zeros(3200, dtype=np.int16)
    click[2000] = 20000
    assert first(click) == 1920


@pytest.mark.parametrize("size", SIZES)
def test_what_is_left_begins_just_before_the_sound(size: int) -> None:
    spoken = clip(1600)
    assert np.array_equal(trimmed(spoken, size), spoken[1600 - PRE_ROLL :])


@pytest.mark.parametrize("silence", [0, 100, 320])
def test_a_clip_that_begins_with_sound_stays(silence: int) -> None:
    assert np.array_equal(trimmed(clip(silence)), clip(silence))


@pytest.mark.parametrize("size", SIZES)
def test_no_more_than_half_a_second_is_removed(size: int) -> None:
    spoken = clip(20000)
    assert np.array_equal(trimmed(spoken, size), spoken[MOST:])


def test_the_end_of_a_clip_without_a_sound_stays() -> None:
    silent = clip(1600, sound=0)
    assert np.array_equal(trimmed(silent), silent[1600 - PRE_ROLL :])


def test_sound_is_passed_on_at_once() -> None:
    trimmer = SilenceTrimmer(RATE)
    assert not trimmer.trim(np.zeros(1600, dtype=np.int16)).size
    assert len(trimmer.trim(sine(WINDOW))) == PRE_ROLL + WINDOW
    assert len(trimmer.trim(np.zeros(5, dtype=np.int16))) == 5
