import numpy as np
import pytest

from voices.evaluation.reach import reach
from voices.evaluation.sound import Sound


@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_noise_reaches_to_half_of_its_rate(rate: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 2 * rate).astype(np.float32)
    assert reach(Sound(noise, rate)) == rate / 2


@pytest.mark.parametrize(("decibels", "highest"), [(-60, 10_000), (-70, 1000)])
def test_what_is_too_faint_does_not_count(decibels: float, highest: float) -> None:
    seconds = np.arange(32_000) / 32_000
    loud, faint = (np.sin(2 * np.pi * hertz * seconds) / 2 for hertz in (1000, 10_000))
    samples = (loud + 10 ** (decibels / 20) * faint).astype(np.float32)
    assert reach(Sound(samples, 32_000)) == pytest.approx(highest, abs=50)
