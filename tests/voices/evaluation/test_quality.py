from collections.abc import Callable

import numpy as np
import pytest

from voices.evaluation.quality import distill_mos, p808
from voices.evaluation.sound import Sound


def noisy(sound: Sound) -> Sound:
    noise = np.random.default_rng(0).normal(0, 0.02, len(sound.samples)).astype(np.float32)
    return Sound(sound.samples + noise, sound.rate)


def twice(sound: Sound) -> Sound:
    return Sound(np.tile(sound.samples, 2), sound.rate)


def test_scores_are_those_of_the_authors_code(clips: dict[str, Sound]) -> None:
    # By speechmos 0.0.1.1 with librosa 0.11, and by distillmos 0.9.1.
    assert [p808(clips[name]) for name in ("report", "sister")] == pytest.approx([3.498, 3.412], abs=0.01)
    assert [distill_mos(clips[name]) for name in ("report", "sister")] == pytest.approx([3.655, 2.750], abs=0.01)


@pytest.mark.parametrize("score", [distill_mos, p808])
def test_noise_sounds_worse(score: Callable[[Sound], float], clips: dict[str, Sound]) -> None:
    assert score(noisy(clips["report"])) < score(clips["report"]) - 0.3


@pytest.mark.parametrize("score", [distill_mos, p808])
def test_a_sound_of_any_rate_and_length_is_judged(score: Callable[[Sound], float], clips: dict[str, Sound]) -> None:
    assert score(twice(clips["report"]).at(32_000)) == pytest.approx(score(clips["report"]), abs=0.4)
