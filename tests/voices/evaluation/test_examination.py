from functools import partial

import numpy as np
import pytest

from tests.voices.conftest import SPOKEN
from tests.voices.evaluation.test_verdicts import FACTS
from voices.evaluation.examination import Evaluation
from voices.evaluation.sound import Sound
from voices.evaluation.speaker import Clip
from voices.evaluation.word_errors import WordErrors

SENTENCE, HARD = SPOKEN["sister"], SPOKEN["report"]


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return Evaluation(FACTS, "builtin", [SENTENCE], [HARD], print)


def test_every_system_is_measured_in_the_same_way(evaluation: Evaluation, clips: dict[str, Sound]) -> None:
    sister, report = clips["sister"], clips["report"]
    evaluation.measure("right", partial(map, {SENTENCE: Clip(sister), HARD: Clip(report)}.__getitem__))
    stuck = Clip(Sound(np.tile(report.samples, 2), report.rate), warnings=("Sentence 1 is not finished.",))
    evaluation.measure("wrong", partial(map, {SENTENCE: Clip(report.at(32_000)), HARD: stuck}.__getitem__))

    right, wrong = evaluation.results.systems["right"], evaluation.results.systems["wrong"]
    assert right.held_out.errors == WordErrors(0, 10)
    assert (right.held_out.misheard, right.hard.repeated, right.hard.unfinished) == ([], 0, 0)
    assert right.sounding.seconds == pytest.approx(sister.seconds)
    assert wrong.held_out.errors.rate > 0.7
    assert wrong.held_out.misheard[0].text == SENTENCE
    assert (wrong.hard.repeated, wrong.hard.unfinished) == (1, 1)
    assert list(evaluation.pictured) == ["right", "wrong"]
