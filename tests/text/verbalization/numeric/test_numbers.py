import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.numbers import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The hall seats 1,234 people.", "The hall seats one thousand, two hundred thirty-four people."),
        ("1,234.50", "one thousand, two hundred thirty-four point five zero"),
        ("12,345,678", "twelve million, three hundred forty-five thousand, six hundred seventy-eight"),
        ("1,00,000", "one hundred thousand"),
        ("1.234.567", "one million, two hundred thirty-four thousand, five hundred sixty-seven"),
        ("1.234,56", "one thousand, two hundred thirty-four point five six"),
        ("1'234'567", "one million, two hundred thirty-four thousand, five hundred sixty-seven"),
        ("2024.5", "two thousand twenty-four point five"),
        (".5", "point five"),
        ("0,5", "zero point five"),
        ("It rose by 12,5 percent.", "It rose by twelve point five percent."),
        ("12,5 %", "twelve point five percent"),
        ("5‰", "five per mille"),
        ("We bought 1035 cans.", "We bought one thousand thirty-five cans."),
        ("the 1250 people", "the one thousand, two hundred fifty people"),
        ("2150 days", "two thousand, one hundred fifty days"),
        ("10.000 people", "ten thousand people"),
        ("1,2,3", "1, 2, 3"),
    ],
)
def test_a_count_is_read_as_a_number(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("10K followers", "ten thousand followers"),
        ("3.5M views", "three point five million views"),
        ("10m followers", "ten million followers"),
        ("a 7B model", "a seven billion model"),
        ("1.2bn", "one point two billion"),
        ("a 5K run", "a five k run"),
        ("ran a 10K in", "ran a ten k in"),
        ("4K video", "four k video"),
        ("a 2K screen", "a two k screen"),
        ("221B Baker Street", "two twenty-one b Baker Street"),
        ("4K steps", "four thousand steps"),
        ("8K followers", "eight thousand followers"),
        ("Section 7B", "Section seven b"),
        ("my 401k", "my four oh one k"),
        ("a 401(k) plan", "a four oh one k plan"),
        ("2x faster", "two times faster"),
        ("3x a day", "three times a day"),
        ("2x the price", "two times the price"),
        ("a 10x engineer", "a ten x engineer"),
        ("1.5x", "one point five x"),
        ("720p", "seven twenty p"),
        ("1080p video", "ten eighty p video"),
        ("21ST", "twenty-first"),
        ("100s of", "hundreds of"),
        ("10,000s of", "ten thousands of"),
        ("1) Mix it", "one. Mix it"),
        ("Mix:\n2) Bake", "Mix:\ntwo. Bake"),
    ],
)
def test_a_suffix_is_said(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "2024",
        "Flight UA 1549 departs",
        "in 1492 ships sailed",
        "1999 marks",
        "the 2024 elections",
        "1984 was a book",
        "1,500",
        "1500 people",
        "3.14",
        "12%",
        "12.5%",
        "in 4K",
        "24th",
        "1,000th",
        "1/2",
        "9:30",
        "5 (or 6) eggs",
        "12 monkeys",
        "U+004B",
        "100",
        "6x + 2",
        "a 4-2 win",
    ],
)
def test_what_upstream_reads_right_is_left(text: str) -> None:
    assert say(RULES, text) == text
