import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.ranges import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Pages 10-20 are missing.", "Pages 10 to 20 are missing."),
        ("10–20", "10 to 20"),
        ("10 – 20", "10 to 20"),
        ("pages 10 - 20", "pages 10 to 20"),
        ("1,200-1,500 seats", "1,200 to 1,500 seats"),
        ("1.5–2.5 kg", "1.5 to 2.5 kg"),
        ("5%-10%", "5% to 10%"),
        ("5-10%", "5 to 10%"),
        ("40–60°C", "40 to 60°C"),
        ("5kg-10kg", "5kg to 10kg"),
        ("1st-3rd", "1st to 3rd"),
        ("5-10-year-old", "5 to 10-year-old"),
        ("1/2-3/4 cup", "1/2 to 3/4 cup"),
        ("½–1 cup", "½ to 1 cup"),
        ("1990-1995", "1990 to 1995"),
        ("ages 5-10 and 65+", "ages 5 to 10 and 65+"),
        ("We won 3-2.", "We won 3 to 2."),
        ("We won 3 - 2.", "We won 3 to 2."),
        ("a 52-48 vote", "a 52 to 48 vote"),
        ("9-5", "9 to 5"),
    ],
)
def test_a_dash_between_numbers_is_to(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("24-7", "24 7"),
        ("50-50", "50 50"),
        ("20-20 vision", "20 20 vision"),
        ("a 4-4-2", "a four four two"),
        ("3-2-1, go", "three, two, one, go"),
        ("9-1-1", "nine one one"),
        ("978-3-16-148410-0", "nine seven eight, three, one six, one four eight four one zero, zero"),
        ("123-45-6789", "one two three, four five, six seven eight nine"),
    ],
)
def test_some_dashes_are_silent(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It is -1.4 degrees.", "It is minus 1.4 degrees."),
        ("-5 to -10", "minus 5 to minus 10"),
        ("(-5)", "(minus 5)"),
        ("–5 °C", "minus 5 °C"),
        ("-.5", "minus .5"),
        ("±3", "plus or minus 3"),
        ("± 3", "plus or minus 3"),
        ("5 +/- 1", "5 plus or minus 1"),
        ("pre-1990", "pre 1990"),
        ("Apollo-11", "Apollo 11"),
    ],
)
def test_a_hyphen_before_a_number_is_minus_where_no_word_is(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3x4", "3 by 4"),
        ("1920x1080", "1920 by 1080"),
        ("8.5 x 11", "8.5 by 11"),
        ("5×3", "5 by 3"),
        ("a 5 × 3 m room", "a 5 by 3 m room"),
        ("10×20×30 cm", "10 by 20 by 30 cm"),
        ("10 × 20 × 30 cm", "10 by 20 by 30 cm"),
        ("3m x 4m", "3m by 4m"),
        ("6' x 8'", "6' by 8'"),
        ("a 4x4", "a 4 by 4"),
    ],
)
def test_the_cross_of_a_size_is_by(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("it rained - 5 days", "it rained , 5 days"),
        ("it rained – 5 days", "it rained , 5 days"),
        ("it rained—5 days", "it rained, 5 days"),
        ("x - 3", "x - 3"),
    ],
)
def test_a_dash_between_a_word_and_a_number_is_a_pause(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "5 - 3",
        "3 × 4",
        "3x4 = 12",
        "7-2=5",
        "3×10^8",
        "F-16",
        "GPT-4",
        "a--5",
        "1-1/2 cups",
        "1-½ cups",
        "10-foot",
        "18-year-old",
        "x 5",
        "0x10",
        "box 5",
    ],
)
def test_other_dashes_and_crosses_are_left(text: str) -> None:
    assert say(RULES, text) == text
