import numpy as np
import pytest

from voices.evaluation.joins import Joins
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Clip

RATE = 32_000


def clip(click: float = 0.0) -> Clip:
    """Two hums, with a click of this height where the second sentence begins."""
    hum = 0.2 * np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE)
    pause = np.zeros(RATE // 10)
    samples = np.concatenate((hum, pause, pause, hum)).astype(np.float32)
    samples[len(hum) + len(pause)] += click
    return Clip(Sound(samples, RATE), (0.0, 1.1))


def test_silence_joins_without_a_click() -> None:
    joins = Joins.of([clip(), clip()])
    assert joins.number == 2
    assert joins.at_joins == 0
    assert joins.elsewhere == pytest.approx(0.2 * 2 * np.pi * 100 / RATE, rel=0.01)


def test_a_click_is_found_where_it_is() -> None:
    joins = Joins.of([clip(), clip(click=0.1)])
    assert joins.at_joins == pytest.approx(0.1, rel=0.01)
    assert joins.elsewhere < 0.01


def test_the_beginning_of_a_clip_is_no_join() -> None:
    one = Clip(clip().sound, (0.0,))
    assert Joins.of([one]).number == 0
