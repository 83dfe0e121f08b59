import numpy as np
import pytest

from tests.voices.conftest import SPOKEN
from voices.evaluation.recogniser import RATE, Recogniser, Recognisers, vocabulary
from voices.evaluation.sound import Sound
from voices.evaluation.word_errors import spoken_words


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


@pytest.mark.parametrize("name", SPOKEN)
def test_it_writes_down_what_is_said(recogniser: Recogniser, clips: dict[str, Sound], name: str) -> None:
    assert recogniser.words(clips[name]) == spoken_words(SPOKEN[name])


def test_it_hears_any_rate(recogniser: Recogniser, clips: dict[str, Sound]) -> None:
    assert recogniser.words(clips["sister"].at(48_000)) == spoken_words(SPOKEN["sister"])


def test_it_does_not_remember_what_it_has_heard_before(recogniser: Recogniser, clips: dict[str, Sound]) -> None:
    faint = Sound(clips["sister"].samples / 40, clips["sister"].rate)
    first = recogniser.words(faint)
    recogniser.words(clips["report"])
    assert recogniser.words(faint) == first == Recogniser().words(faint)


@pytest.mark.parametrize("samples", [0, RATE])
def test_silence_has_no_words(recogniser: Recogniser, samples: int) -> None:
    assert recogniser.words(Sound(np.zeros(samples, np.float32), RATE)) == []


def test_several_keep_the_order(recognisers: Recognisers, clips: dict[str, Sound]) -> None:
    names = ["report", "sister", "report"]
    recognised = list(recognisers.words(clips[name] for name in names))
    assert recognised == [spoken_words(SPOKEN[name]) for name in names]


def test_the_vocabulary_has_everyday_words() -> None:
    assert {"hello", "don't", "umbrella"} <= vocabulary()
    assert "soprano-tts" not in vocabulary()
