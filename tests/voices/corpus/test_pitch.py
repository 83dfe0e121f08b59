import numpy as np
import pytest

from tests.voices.corpus.voiced import glide, sung
from voices.corpus.pitch import STEP, Pitch

RATE = 24_000


@pytest.mark.parametrize("hertz", [110.0, 187.5, 320.0])
def test_the_periods_of_a_steady_voice_are_counted(hertz: float) -> None:
    pitch = Pitch.of(sung(np.full(RATE, hertz), RATE), RATE)
    inside = slice(100, 900)
    times = np.arange(len(pitch.periods))[inside] * STEP
    assert pitch.voiced[inside].all()
    offset = pitch.periods[inside] - hertz * times
    assert np.ptp(offset) < 0.01
    assert abs(offset - np.round(offset)).max() < 0.02  # cosines are at their peak when a period begins


def test_a_gliding_voice_is_followed() -> None:
    pitch = Pitch.of(glide(150, 250, 1.0, RATE), RATE)
    times = np.arange(len(pitch.periods)) * STEP
    wanted = 150 * times + 50 * times**2
    offset = (pitch.periods - wanted)[100:900]
    assert np.ptp(offset) < 0.05


def test_the_phase_of_a_trembling_voice_is_followed_where_its_frequency_is_not() -> None:
    """The frequency is measured in windows that are too long for such a voice."""
    times = np.arange(RATE) / RATE
    samples = sung(200 + 30 * np.sin(2 * np.pi * 12 * times), RATE)
    periods = Pitch.of(samples, RATE).periods
    seconds = np.arange(len(periods)) * STEP
    wanted = 200 * seconds + 30 / (2 * np.pi * 12) * (1 - np.cos(2 * np.pi * 12 * seconds))
    assert np.ptp((periods - wanted)[100:900]) < 0.1


def test_silence_has_no_voice_and_goes_on_evenly() -> None:
    pitch = Pitch.of(np.zeros(RATE, np.float32), RATE)
    assert not pitch.voiced.any()
    assert (np.diff(pitch.periods) > 0).all()


def test_periods_never_go_back() -> None:
    draw = np.random.default_rng(1)
    voice = np.concatenate((glide(200, 180, 0.4, RATE), np.zeros(4000, np.float32), glide(260, 210, 0.4, RATE)))
    noisy = voice + draw.normal(0, 0.01, len(voice)).astype(np.float32)
    assert (np.diff(Pitch.of(noisy, RATE).periods) > 0).all()


def test_frequencies_where_there_is_a_voice_are_a_pitch() -> None:
    times = np.arange(0.005, 1, 0.01)
    frequency = np.where(times < 0.4, 200, 7).astype(np.float32)
    pitch = Pitch.of_frequency(frequency, times < 0.4, times, 1.0)
    np.testing.assert_allclose(pitch.periods, 200 * np.arange(1001) * STEP, rtol=1e-6, atol=1e-6)
    assert pitch.voiced[:390].all()
    assert not pitch.voiced[410:].any()
