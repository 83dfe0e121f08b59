import numpy as np
import pytest

from tests.voices.conftest import SPOKEN
from voices.evaluation.recogniser import RATE, Recogniser
from voices.evaluation.sound import Sound
from voices.evaluation.word_errors import comparable_words


def test_it_writes_down_what_is_said(recogniser: Recogniser, clips: dict[str, Sound]) -> None:
    assert recogniser.text(clips["sister"]) == SPOKEN["sister"]


def test_it_hears_any_rate(recogniser: Recogniser, clips: dict[str, Sound]) -> None:
    assert comparable_words(recogniser.text(clips["sister"].at(48_000))) == comparable_words(SPOKEN["sister"])


def test_it_does_not_remember_what_it_has_heard_before(recogniser: Recogniser, clips: dict[str, Sound]) -> None:
    before = recogniser.text(clips["report"])
    recogniser.text(clips["sister"])
    assert recogniser.text(clips["report"]) == before


@pytest.mark.parametrize("samples", [0, RATE])
def test_silence_has_no_words(recogniser: Recogniser, samples: int) -> None:
    assert recogniser.text(Sound(np.zeros(samples, np.float32), RATE)) == ""
