"""Rules are applied in order, and a fault in one costs nothing but its own match."""

import re

import pytest

from text.aligned_text import AlignedText
from text.verbalization.rule import Rule
from text.verbalization.tagger import Tag, verbalize


def test_earlier_rules_go_first_and_each_reading_is_told() -> None:
    rules = [
        Rule("money", re.compile(r"\$(\d)"), lambda match: f"{match[1]} dollars"),
        Rule("number", re.compile(r"\d"), lambda _: "five"),
    ]
    tags: list[Tag] = []
    assert verbalize(AlignedText.of("$5, 5"), rules, tags).text == "five dollars, five"
    assert tags == [Tag("money", 0, 2, "5 dollars"), Tag("number", 0, 2, "five"), Tag("number", 4, 5, "five")]


def test_a_rule_that_fails_leaves_its_match_to_the_next(caplog: pytest.LogCaptureFixture) -> None:
    rules = [
        Rule("broken", re.compile("secret"), lambda match: str(int(match[0]))),
        Rule("next", re.compile("secret"), lambda _: "told"),
    ]
    assert verbalize(AlignedText.of("a secret"), rules, []).text == "a told"
    assert "a rule for broken failed: ValueError in <lambda>" in caplog.text
    assert "secret" not in caplog.text
