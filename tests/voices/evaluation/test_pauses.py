import numpy as np
import pytest

from voices.evaluation.pauses import Pauses, pauses_within
from voices.evaluation.sound import Sound

RATE = 24_000


def speech(*pauses: float) -> Sound:
    """Noise for half a second before, between and after `pauses`, in silence of half a second."""
    draw = np.random.default_rng(0)
    parts = [np.zeros(RATE // 2)]
    for pause in (*pauses, 0.5):
        parts += [draw.uniform(-0.3, 0.3, RATE // 2), np.zeros(int(pause * RATE))]
    return Sound(np.concatenate(parts).astype(np.float32), RATE)


def test_only_silence_within_a_sentence_is_a_pause() -> None:
    assert pauses_within(speech()) == []
    assert pauses_within(speech(0.2, 0.4)) == pytest.approx([0.2, 0.4], abs=0.015)


def test_the_silence_of_a_stop_is_too_short() -> None:
    assert pauses_within(speech(0.09)) == []


def test_pauses_are_counted_at_commas() -> None:
    texts = ["One, two, three.", "One, two.", "One two."]
    pauses = Pauses.of(texts, [speech(0.2), speech(0.4), speech(0.3)])
    assert (pauses.per_sentence, pauses.seconds) == pytest.approx((1, 0.3), abs=0.015)
    assert pauses.at_commas == pytest.approx(2 / 3)


def test_figures_have_no_commas() -> None:
    assert Pauses.of(["It has 1,000 pages."], [speech(0.2)]).at_commas == 0


def test_a_voice_may_never_pause() -> None:
    assert Pauses.of(["One, two."], [speech()]) == Pauses(0, 0, 0)
