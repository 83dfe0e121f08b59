import numpy as np
import pytest

from voices.errors import VoiceError
from voices.evaluation.silence import Silence
from voices.evaluation.sound import Sound

RATE = 32_000


def burst(before: float, after: float) -> Sound:
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, RATE)
    return Sound(np.pad(noise, (int(before * RATE), int(after * RATE))).astype(np.float32), RATE)


def test_it_is_measured_at_both_ends() -> None:
    silence = Silence.around(burst(0.04, 0.2))
    assert (silence.before, silence.after) == pytest.approx((0.04, 0.2), abs=0.005)


def test_faint_noise_is_silence() -> None:
    sound = burst(0.04, 0.2)
    hum = 0.002 * np.random.default_rng(1).uniform(-1, 1, len(sound.samples)).astype(np.float32)
    silence = Silence.around(Sound(sound.samples + hum, RATE))
    assert (silence.before, silence.after) == pytest.approx((0.04, 0.2), abs=0.005)


def test_the_mean_is_of_both_ends() -> None:
    mean = Silence.mean([Silence(0.0, 0.2), Silence(0.1, 0.4)])
    assert (mean.before, mean.after) == pytest.approx((0.05, 0.3))


@pytest.mark.parametrize("samples", [0, RATE])
def test_there_must_be_something_else(samples: int) -> None:
    with pytest.raises(VoiceError, match="should be speech is silent"):
        Silence.around(Sound(np.zeros(samples, np.float32), RATE))
