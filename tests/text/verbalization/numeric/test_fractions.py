import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.fractions import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1/2", "one half"),
        ("3/4", "three quarters"),
        ("2/3", "two thirds"),
        ("1/4 cup", "one quarter cup"),
        ("5/16", "five sixteenths"),
        ("1 1/2", "one and a half"),
        ("2 3/4 cups", "two and three quarters cups"),
        ("1-1/2", "one and a half"),
        ("1/2 a cup", "half a cup"),
        ("½", "one half"),
        ("Add ½ a cup, then 1 1/2 more.", "Add half a cup, then one and a half more."),
        ("1½", "one and a half"),
        ("1 ½", "one and a half"),
        ("3⅛", "three and an eighth"),
        ("¾", "three quarters"),
        ("⅔ of them", "two thirds of them"),
        ("2/3rds", "two thirds"),
        ("1/10", "one tenth"),
        ("1/1000", "one one thousandth"),
    ],
)
def test_a_fraction_is_said(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("I give it 7/10.", "I give it seven out of ten."),
        ("10/10 would buy", "ten out of ten would buy"),
        ("85/100", "eighty-five out of one hundred"),
        ("4.5/5", "four point five out of five"),
        ("3/5 stars", "three out of five stars"),
        ("open 24/7", "open twenty-four seven"),
        ("a 50/50 chance", "a fifty fifty chance"),
        ("120/80", "one hundred twenty over eighty"),
        ("50/60 Hz", "fifty over sixty Hz"),
        ("24/7/365", "twenty-four seven three sixty-five"),
        ("4/5 dentists", "four out of five dentists"),
        ("page 3/12", "page three of twelve"),
    ],
)
def test_some_slashes_mean_something_else(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text", ["1/2/2024", "3/2024", "a/b", "km/h", "1/", "/2", "1/2.5", "x1/2y", "v1/2x", "10.0.0.0/24"]
)
def test_other_slashes_are_left(text: str) -> None:
    assert say(RULES, text) == text
