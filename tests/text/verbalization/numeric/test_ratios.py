import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.ratios import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("A 16:9 screen.", "A sixteen by nine screen."),
        ("an aspect ratio of 4:3", "an aspect ratio of four by three"),
        ("21:9 monitors", "twenty-one by nine monitors"),
        ("a 16:10 screen", "a sixteen by ten screen"),
        ("odds of 3:1", "odds of three to one"),
        ("a 3:1 favorite", "a three to one favorite"),
        ("a ratio of 10:15", "a ratio of ten to fifteen"),
        ("scale 1:50", "scale one to fifty"),
        ("a scale of 1:1000", "a scale of one to one thousand"),
        ("scale: 1:50,000", "scale: one to fifty thousand"),
        ("1:100,000", "one to one hundred thousand"),
        ("mix it 2:1", "mix it two to one"),
        ("John 3:16", "John three sixteen"),
        ("1 Corinthians 13:4", "1 Corinthians thirteen four"),
        ("Psalm 119:105", "Psalm one hundred nineteen one hundred five"),
    ],
)
def test_a_ratio_is_said_with_its_word(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "at 12:30",
        "20:00",
        "9:30PM",
        "1:02:30",
        "localhost:7860",
        "the TV show at 8:00",
        "the screen at 8:30",
        "2:5 pm",
        "a time of 45:30",
        "a:1",
        "1:",
        ":5",
    ],
)
def test_a_clock_time_is_left(text: str) -> None:
    assert say(RULES, text) == text
