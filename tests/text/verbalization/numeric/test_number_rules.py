"""What holds for all rules about numbers: they never raise, take linear time and leave prose alone."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.verbalization.reading import say
from text.verbalization.numeric import fractions, identifiers, mathematics, money, numbers, phone, ranges, ratios, units

MODULES = (phone, ratios, money, identifiers, ranges, units, mathematics, fractions, numbers)
RULES = [rule for module in MODULES for rule in module.RULES]
PIECES = (
    *"0159.,-+/:$€£¢%°'\"½²^_×x()=<>≤√±#–— \n",
    *(
        "kg",
        "km/h",
        "m",
        "in",
        "USD",
        "a ",
        "to",
        "e",
        "USD",
        "K",
        "million",
        "f(",
        "call ",
        "v",
        "1/2",
        "1,234",
        "007",
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_text_raises(text: str) -> None:
    say(RULES, text)


@pytest.mark.parametrize(
    "text",
    [
        "${}.50",
        "{} kg",
        "{} pt",
        "x^{}",
        "{}TH",
        "{}K",
        "1/{}",
        "{}½",
        "1:{}",
        "v{}",
        "code {}",
        "1e{}",
        "{}x{}",
        "${}-{}",
    ],
)
def test_a_number_too_long_for_a_name_does_not_raise(text: str) -> None:
    for digits in ("9" * 36, "9" * 37, "9" * 5000, "1" + ",000" * 2000, "0" * 50, "9" * 40):
        say(RULES, text.replace("{}", digits))
    say(RULES, "x" + "⁹" * 5000)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_what_is_said_has_only_small_letters(text: str) -> None:
    for module in (phone, ratios, identifiers, units, fractions):
        for rule in module.RULES:
            for match in rule.pattern.finditer(text):
                words = rule.say(match)
                assert words is None or re.fullmatch(r"[a-z ,.'-]*", words), match


@pytest.mark.parametrize(
    "text",
    [
        "It was a dark and stormy night in the middle of May.",
        "He looked at her - a long look - and said nothing.",
        "She was 25 when she left in 1999, and 60 in 2034.",
        "We, i.e. she and I, went to see Dr. Shah at 5 in the morning.",
        "Is it 5 or 6? I think it's 7!",
        "In 2024 there were 12 of them; by 2030 there will be 100.",
        "the well-known 20-year-old (or so) x-ray",
        "He said: 'I am 27.'",
        "A man, a plan, a canal: Panama.",
        "The 3 of us took 2 buses to the 4th stop.",
    ],
)
def test_prose_is_left(text: str) -> None:
    assert say(RULES, text) == text
