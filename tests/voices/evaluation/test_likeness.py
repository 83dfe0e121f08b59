import numpy as np
import pytest

from voices.evaluation.likeness import mel_distance, mel_spectrum
from voices.evaluation.sound import Sound


def test_a_clip_is_like_itself(clips: dict[str, Sound]) -> None:
    spectrum = mel_spectrum(clips["sister"])
    assert mel_distance(spectrum, spectrum) == 0


def test_pace_is_set_aside(clips: dict[str, Sound]) -> None:
    spectrum = mel_spectrum(clips["sister"])
    assert mel_distance(spectrum, np.repeat(spectrum, 2, axis=0)) == pytest.approx(0, abs=1e-4)


def test_level_is_told_in_decibels(clips: dict[str, Sound]) -> None:
    sister = clips["sister"]
    loud, quiet = (mel_spectrum(Sound(sister.samples * gain, sister.rate)) for gain in (1.0, 0.5))
    above_the_floor = quiet > -79
    assert (loud - quiet)[above_the_floor] == pytest.approx(6.02, abs=0.01)


def test_the_rate_hardly_matters(clips: dict[str, Sound]) -> None:
    sister = clips["sister"]
    assert mel_distance(mel_spectrum(sister), mel_spectrum(sister.at(32_000))) < 0.5


def test_other_words_are_further_away_than_noise(clips: dict[str, Sound]) -> None:
    sister, report = clips["sister"], clips["report"]
    noise = np.random.default_rng(0).normal(0, 0.001, len(sister.samples)).astype(np.float32)
    noisy = Sound(sister.samples + noise, sister.rate)
    spectra = [mel_spectrum(sound) for sound in (sister, noisy, report)]
    assert mel_distance(spectra[0], spectra[1]) < mel_distance(spectra[0], spectra[2]) / 1.5
