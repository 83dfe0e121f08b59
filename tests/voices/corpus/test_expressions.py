import random
import re
from itertools import islice

from text.sentences import split_sentences
from voices.corpus.expressions import Expressions, with_expressions

NAMES = ["Boston", "Boston", "Boston", "Ada Lovelace"]
FRAMES = ["the cat sleeps in a house, and the dog walks to town.", "it rains."]


def drawn(number: int, seed: int = 1) -> list[str]:
    return list(islice(iter(Expressions(NAMES, ["CIA", "DVD"], random.Random(seed)), None), number))


def sentences(number: int) -> list[str]:
    draw = random.Random(1)
    return list(islice(with_expressions(FRAMES, Expressions(NAMES, ["CIA"], draw), draw), number))


def test_every_kind_is_drawn() -> None:
    kinds = (
        r"Boston", r"Ada Lovelace, Boston,", r"CIA", r"[A-Z]{2,4}", r"[A-Z][a-z]+ \d+, \d{4}", r"[A-Z][a-z]+ \d+th",
        r"[A-Z][a-z]+day", r"\d+ [ap]\.m\.", r"\d+:\d\d [ap]\.m\.", r"\$[\d,]+\.\d\d", r"\$\d+\.\d million", r"\d+%",
        r"[\d,]+ mph", r"room [A-Z]\d+", r"section \d+\.\d", r"\d+th page", r"555-0\d{3}",
    )  # fmt: skip
    expressions = drawn(20_000)
    for kind in kinds:
        assert any(re.fullmatch(kind, expression) for expression in expressions), kind


def test_a_name_that_is_often_mentioned_comes_more_often_and_a_rare_one_does_come() -> None:
    expressions = drawn(2_000)
    assert expressions.count("Boston") > expressions.count("Ada Lovelace") > 50


def test_ordinals_have_their_endings() -> None:
    endings = dict(re.findall(r"\b(\d+)(st|nd|rd|th)\b", " ".join(drawn(20_000))))
    wanted = {"1": "st", "2": "nd", "3": "rd", "4": "th", "11": "th", "12": "th", "13": "th", "21": "st", "22": "nd"}
    assert {number: endings[number] for number in wanted} == wanted


def test_the_same_seed_gives_the_same_and_another_one_others() -> None:
    assert drawn(50) == drawn(50) != drawn(50, seed=2)


def test_expressions_stand_for_words_of_the_sentence_and_alone() -> None:
    made = sentences(200)
    assert any(sentence.startswith("the cat sleeps in ") and "a house" not in sentence for sentence in made)
    assert any(re.fullmatch(r"CIA[.?!]", sentence) for sentence in made)
    assert not [sentence for sentence in made if "it rains" in sentence]  # nothing in it can be replaced


def test_the_text_front_end_takes_them_as_single_sentences() -> None:
    single = [sentence for sentence in sentences(200) if len(split_sentences(sentence)) == 1]
    assert len(single) > 180
