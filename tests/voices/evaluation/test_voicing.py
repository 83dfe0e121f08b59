import numpy as np
import pytest

from voices.evaluation.sound import Sound
from voices.evaluation.voicing import Voicing, pitch_contour

RATE = 24_000


def voice(semitones: float = 0.0, noise: float = 0.0) -> Sound:
    """Two seconds with all harmonics of 200 Hz, whose pitch rises and falls by `semitones` about that."""
    seconds = np.arange(2 * RATE) / RATE
    pitch = 200 * 2 ** (semitones * np.sin(2 * np.pi * seconds) / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    samples = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 20)) / 4
    samples += noise * np.random.default_rng(0).normal(size=len(seconds))
    return Sound(samples.astype(np.float32), RATE)


def test_a_steady_clear_voice_has_its_pitch_and_no_deviation() -> None:
    voicing = Voicing.of(voice())
    assert voicing.pitch == pytest.approx(200, rel=0.005)
    assert voicing.pitch_deviation < 0.05
    assert voicing.harmonics_to_noise > 40


def test_intonation_is_told_in_semitones() -> None:
    assert Voicing.of(voice(semitones=3)).pitch_deviation == pytest.approx(3 / np.sqrt(2), rel=0.03)


def test_hoarseness_lowers_the_harmonics() -> None:
    clear, hoarse = (Voicing.of(voice(noise=noise)).harmonics_to_noise for noise in (0.02, 0.1))
    assert clear - hoarse == pytest.approx(14, abs=2)


def test_silence_has_no_pitch() -> None:
    sound = voice()
    times, hertz = pitch_contour(Sound(np.pad(sound.samples, (RATE, 0)), RATE))
    assert times.shape == hertz.shape
    assert not hertz[times < 0.95].any()
    assert hertz[(times > 1.05) & (times < 2.95)].all()


def test_the_mean_is_of_each_measure() -> None:
    assert Voicing.mean([Voicing(10, 2, 100), Voicing(12, 3, 200)]) == Voicing(11, 2.5, 150)
