import numpy as np
import pytest

from voices.evaluation.level import Level
from voices.evaluation.sound import Sound


def test_a_full_scale_sine_is_three_decibels_below_its_peak() -> None:
    sine = np.sin(2 * np.pi * 100 * np.arange(32_000) / 32_000).astype(np.float32)
    level = Level.of([Sound(sine, 32_000)])
    assert (level.rms, level.peak) == pytest.approx((-3.01, 0.0), abs=0.01)


def test_several_sounds_count_as_one() -> None:
    loud, silent = (Sound(np.full(1000, value, np.float32), 16_000) for value in (0.5, 0.0))
    level = Level.of([loud, silent])
    assert (level.rms, level.peak) == pytest.approx((-9.03, -6.02), abs=0.01)


def test_silence_has_a_level_too() -> None:
    assert Level.of([Sound(np.zeros(100, np.float32), 16_000)]).peak < -100
