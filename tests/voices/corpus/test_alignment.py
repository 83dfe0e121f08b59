import numpy as np
import pytest

from tests.voices.corpus.voiced import glide, sung
from voices.corpus.alignment import align
from voices.corpus.mel import SAMPLE_RATE, TOKEN, token_count
from voices.corpus.pitch import STEP, Pitch

RATE = 24_000


@pytest.mark.parametrize("ends", [(180.0, 180.0), (150.0, 240.0), (250.0, 170.0)])
def test_a_period_begins_at_the_centre_of_every_token(ends: tuple[float, float]) -> None:
    samples = glide(*ends, 1.5, RATE)
    alignment = align(samples, RATE)
    periods = Pitch.of(alignment.bent(samples, RATE), SAMPLE_RATE).periods
    centres = np.arange(2, len(alignment.periods) - 2) * TOKEN / SAMPLE_RATE
    at_centres = np.interp(centres, np.arange(len(periods)) * STEP, periods)
    assert abs(at_centres - np.round(at_centres)).max() < 0.06
    np.testing.assert_array_equal(np.diff(np.round(at_centres)), alignment.periods[3:-2])


def test_the_pitch_stays_and_nothing_moves_far() -> None:
    hertz = 200 + 20 * np.sin(np.arange(int(1.5 * RATE)) / RATE * 2 * np.pi)
    alignment = align(sung(hertz, RATE), RATE)
    whole = np.cumsum(alignment.periods[1:])
    seconds = np.arange(1, len(alignment.periods)) * TOKEN / SAMPLE_RATE
    wanted = np.interp(seconds, np.arange(len(hertz)) / RATE, np.cumsum(hertz) / RATE)
    assert abs(whole - wanted)[:-1].max() * 1000 / 200 < 15  # milliseconds
    assert abs(alignment.original(seconds) - seconds)[:-1].max() < 0.015
    # Rounding to whole periods moves the pitch by half a period a token at most.
    assert alignment.periods.mean() == pytest.approx(200 * TOKEN / SAMPLE_RATE, abs=0.5)


def test_a_recording_keeps_its_length_and_its_silence() -> None:
    samples = np.concatenate((np.zeros(2400), glide(190, 200, 0.8, RATE), np.zeros(4800))).astype(np.float32)
    alignment = align(samples, RATE)
    audio = alignment.bent(samples, RATE)
    assert len(alignment.periods) == len(alignment.voiced) == token_count(len(samples) * SAMPLE_RATE // RATE)
    assert len(audio) == (len(alignment.periods) - 1) * TOKEN
    assert np.abs(audio[:2400]).max() < 1e-3
    assert np.abs(audio[-5000:]).max() < 1e-3
    assert alignment.voiced[4:10].all()
    assert not alignment.voiced[-2:].any()


def test_sound_without_any_voice_is_left_as_it_is() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    audio = align(noise, RATE).bent(noise, RATE)
    assert np.isfinite(audio).all()
    assert np.std(audio) == pytest.approx(0.1, rel=0.2)
