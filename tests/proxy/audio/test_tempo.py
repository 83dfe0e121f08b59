"""A change of tempo: the length is exact, the pitch stays, and the way the clip is cut makes no difference."""

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from proxy.audio.tempo import Tempo
from tests.proxy.listening import Heard
from tests.proxy.stand_in import AMPLITUDE, RATE, sine

SPEEDS = [0.25, 0.3, 0.5, 0.9, 1.1, 1.25, 2.0, 3.0, 4.0]
each_speed = pytest.mark.parametrize("speed", SPEEDS)


def changed(clip: NDArray[np.int16], speed: float, sizes: Iterable[int] = (2048,)) -> NDArray[np.int16]:
    tempo = Tempo(RATE, speed)
    ends = itertools.takewhile(lambda end: end < len(clip), itertools.accumulate(itertools.cycle(sizes)))
    return np.concatenate([*map(tempo.change, np.split(clip, list(ends))), tempo.finish()])


def voice(seconds: float) -> NDArray[np.int16]:
    """A sound that never repeats: harmonics that glide, as those of a voice do."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 2 * np.pi * (180 * time + 8 * np.sin(5 * time))
    wave = sum(np.sin(number * pitch) / number for number in range(1, 9))
    return np.asarray(np.round(6000 * wave), dtype=np.int16)


@pytest.mark.parametrize("samples", [0, 1, 100, 2048, 6144, 50_001])
@each_speed
def test_length_is_exact(speed: float, samples: int) -> None:
    assert len(changed(voice(2)[:samples], speed)) == round(samples / speed)


@each_speed
def test_how_the_clip_is_cut_does_not_matter(speed: float) -> None:
    clip = voice(2)
    whole = changed(clip, speed, [len(clip)])
    for sizes in ([1, 6144, 7, 333], [2048], [64]):
        np.testing.assert_array_equal(changed(clip, speed, sizes), whole)


@each_speed
def test_tone_stays_a_tone(speed: float) -> None:
    heard = Heard(changed(sine(4 * RATE, frequency=2000), speed).astype(np.float32) / 32768, RATE)
    assert heard.signal_to_noise(2000) > 60
    assert heard.amplitude() == pytest.approx(AMPLITUDE, rel=0.01)


@each_speed
def test_nothing_at_the_end_is_lost(speed: float) -> None:
    clip = np.concatenate([np.zeros(RATE, dtype=np.int16), voice(0.3)])
    heard = changed(clip, speed)
    last_tenth = heard[-len(heard) // 20 :].astype(np.float64)
    assert np.sqrt(np.mean(last_tenth**2)) > 1000


@each_speed
def test_first_audio_needs_little(speed: float) -> None:
    tempo = Tempo(RATE, speed)
    clip, step = voice(1), RATE // 100
    needed = next(start + step for start in range(0, RATE, step) if tempo.change(clip[start : start + step]).size)
    assert needed / RATE <= 0.08


@each_speed
def test_silence_stays_silence(speed: float) -> None:
    assert not changed(np.zeros(RATE, dtype=np.int16), speed).any()


def test_short_sound_does_not_echo_at_half_speed() -> None:
    clip = np.zeros(2 * RATE, dtype=np.int16)
    clip[RATE : RATE + RATE // 100] = sine(RATE // 100)
    audible = np.flatnonzero(np.abs(changed(clip, 0.5).astype(np.int32)) > AMPLITUDE * 32768 / 20)
    assert (audible[-1] - audible[0]) / RATE < 0.06  # two windows; 10 ms would be 20 ms at best
