from dataclasses import replace

import pytest

from measuring.host import Facts
from measuring.verdicts import Outcome
from voices.evaluation.joins import Joins
from voices.evaluation.results import Results
from voices.evaluation.speeds import Speed
from voices.evaluation.verdicts import FULL_SIZE, VOICE, judge
from voices.evaluation.word_errors import WordErrors

FACTS = Facts("cpu", "float32", "a processor", 2, None, "3.11", "2.13", 2, "0.2", "5", "abc", "2026-11-26T00:00:00")
GOOD = Results(
    facts=FACTS,
    checkpoint="builtin",
    sentences=200,
    teacher=WordErrors(50, 1000),
    voice={"pcm": WordErrors(100, 1000), "mp3": WordErrors(130, 1000)},
    joins=Joins(30, 0.001, 0.2),
    speeds={VOICE: Speed(30.0, 90.0, 0.02), FULL_SIZE: Speed(5.0, 20.0, 0.2)},
)


def missed(results: Results) -> list[str]:
    return [verdict.target for verdict in judge(results) if verdict.outcome is Outcome.MISSED]


def test_a_good_voice_meets_everything() -> None:
    assert missed(GOOD) == []
    assert len(list(judge(GOOD))) == 6


@pytest.mark.parametrize(
    ("results", "requirement"),
    [
        (replace(GOOD, sentences=199), "at least 200 sentences that it has not been taught"),
        (replace(GOOD, teacher=WordErrors(49, 1000)), "within 5 points of its teacher's"),
        (
            replace(GOOD, teacher=WordErrors(120, 1000), voice={"pcm": WordErrors(150, 1000)}),
            "word error rate under 15%",
        ),
        (replace(GOOD, voice=GOOD.voice | {"mp3": WordErrors(131, 1000)}), "mp3 within 3 points of pcm"),
        (replace(GOOD, joins=Joins(30, 0.3, 0.2)), "no click at the joins of sentences"),
        (
            replace(GOOD, speeds=GOOD.speeds | {FULL_SIZE: Speed(15.0, 20.0, 0.2)}),
            "several times faster than the full-size model",
        ),
    ],
)
def test_whatever_is_not_good_enough_is_missed(results: Results, requirement: str) -> None:
    assert missed(results) == [requirement]


def test_what_was_not_measured_is_not_judged() -> None:
    results = replace(GOOD, joins=None, speeds={})
    assert missed(results) == []
    assert len(list(judge(results))) == 4
