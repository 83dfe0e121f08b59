from dataclasses import replace
from typing import Any

import pytest

from measuring.host import Facts
from measuring.verdicts import Outcome
from voices.evaluation.joins import Joins
from voices.evaluation.level import Level
from voices.evaluation.pauses import Pauses
from voices.evaluation.results import Misheard, Results, Sounding, System, Understanding
from voices.evaluation.silence import Silence
from voices.evaluation.speeds import Speed
from voices.evaluation.verdicts import BEFORE, FULL_SIZE, TEACHER, VOICE, judge
from voices.evaluation.voicing import Voicing
from voices.evaluation.word_errors import WordErrors

FACTS = Facts("cpu", "float32", "a processor", 2, None, "3.11", "2.13", 2, "0.2", "5", "abc", "2026-11-26T00:00:00")


def understanding(errors: int, *, repeated: int = 0, unfinished: int = 0) -> Understanding:
    misheard = [Misheard("Turn left at the light.", "Turn left at a light.")]
    return Understanding(WordErrors(errors, 1000), repeated, unfinished, misheard)


SOUNDING = Sounding(
    distill_mos=3.5,
    p808=3.6,
    voicing=Voicing(10.0, 2.5, 180.0),
    pauses=Pauses(0.4, 0.19, 0.55),
    reach=11_950,
    level=Level(-20.1, -3.2),
    silence=Silence(0.04, 0.21),
    seconds=900,
)
GOOD_TEACHER = System(understanding(25), understanding(20), replace(SOUNDING, voicing=Voicing(11.5, 2.9, 182.0)))
GOOD_VOICE = System(understanding(40), understanding(80), SOUNDING)
GOOD = Results(
    facts=FACTS,
    checkpoint="builtin",
    sentences=256,
    hard_texts=100,
    systems={TEACHER: GOOD_TEACHER, VOICE: GOOD_VOICE},
    variants={"pcm": WordErrors(40, 1000), "mp3": WordErrors(55, 1000)},
    joins=Joins(30, 0.001, 0.2),
    speeds={
        BEFORE: Speed(45.0, 120.0, 0.03),
        VOICE: Speed(30.0, 90.0, 0.045),
        FULL_SIZE: Speed(5.0, 20.0, 0.2),
    },
)


def missed(results: Results) -> list[str]:
    return [verdict.target for verdict in judge(results) if verdict.outcome is Outcome.MISSED]


def with_voice(**changes: Any) -> Results:
    return replace(GOOD, systems=GOOD.systems | {VOICE: replace(GOOD_VOICE, **changes)})


def with_teacher(errors: int) -> Results:
    return replace(GOOD, systems=GOOD.systems | {TEACHER: replace(GOOD_TEACHER, held_out=understanding(errors))})


def sounding(**changes: Any) -> Results:
    return with_voice(sounding=replace(SOUNDING, **changes))


def test_a_good_voice_meets_everything() -> None:
    assert missed(GOOD) == []
    assert len(list(judge(GOOD))) == 18


@pytest.mark.parametrize(
    ("results", "requirement"),
    [
        (replace(GOOD, sentences=255), "256 sentences that it has not been taught"),
        (replace(GOOD, hard_texts=99), "100 hard texts"),
        (with_teacher(24), "within 1.5 points of its teacher's"),
        (with_voice(hard=understanding(81)), "at most 8 % of their words misheard"),
        (with_voice(hard=understanding(80, unfinished=1)), "none of them that does not end"),
        (with_voice(hard=understanding(80, repeated=1)), "none of them that repeats"),
        (replace(GOOD, variants=GOOD.variants | {"mp3": WordErrors(56, 1000)}), "mp3 within 1.5 points of pcm"),
        (sounding(distill_mos=3.49), "Distill-MOS of 3.5 (4.0 is the goal)"),
        (sounding(p808=3.59), "P.808 of 3.6"),
        (sounding(voicing=Voicing(9.9, 2.5, 180)), "harmonics to noise within 1.5 dB of its teacher's"),
        (sounding(voicing=Voicing(13.1, 2.5, 180)), "harmonics to noise within 1.5 dB of its teacher's"),
        (sounding(voicing=Voicing(10.0, 2.4, 180)), "deviation of the pitch within 15 % of its teacher's"),
        (sounding(voicing=Voicing(10.0, 3.4, 180)), "deviation of the pitch within 15 % of its teacher's"),
        (sounding(reach=11_800), "sound up to 12 kHz"),
        (sounding(pauses=Pauses(0.4, 0.19, 0.44)), "pauses at commas within 10 points of its teacher's"),
        (replace(GOOD, joins=Joins(30, 0.3, 0.2)), "no click at the joins of sentences"),
        (
            replace(GOOD, speeds=GOOD.speeds | {FULL_SIZE: Speed(15.0, 20.0, 0.2)}),
            "several times faster than the full-size model",
        ),
        (
            replace(GOOD, speeds=GOOD.speeds | {BEFORE: Speed(46.0, 120.0, 0.03)}),
            "real-time factor at most 1.5 times that of the voice before",
        ),
        (
            replace(GOOD, speeds=GOOD.speeds | {BEFORE: Speed(45.0, 120.0, 0.029)}),
            "first audio at most 1.5 times that of the voice before",
        ),
    ],
)
def test_whatever_is_not_good_enough_is_missed(results: Results, requirement: str) -> None:
    assert missed(results) == [requirement]


def test_a_bad_teacher_is_no_excuse() -> None:
    systems = with_teacher(40).systems | {VOICE: replace(GOOD_VOICE, held_out=understanding(41))}
    assert missed(replace(GOOD, systems=systems)) == ["at most 4 % of the words misheard"]


def test_what_was_not_measured_is_not_judged() -> None:
    results = replace(GOOD, joins=None, variants={}, speeds={})
    assert missed(results) == []
    assert len(list(judge(results))) == 13
