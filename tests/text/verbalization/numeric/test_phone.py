import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric.phone import RULES

NUMBER = "five five five, zero one zero, zero one nine nine"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Call 555-010-0199 now.", f"Call {NUMBER} now."),
        ("(555) 010-0199", NUMBER),
        ("(555)010-0199", NUMBER),
        ("555.010.0199", NUMBER),
        ("555 010 0199", NUMBER),
        ("1-555-010-0199", f"one, {NUMBER}"),
        ("1 (555) 010-0199", f"one, {NUMBER}"),
        ("+1 555 010 0199", f"plus one, {NUMBER}"),
        ("+1 (555) 010-0199", f"plus one, {NUMBER}"),
        ("+15550100199", f"plus one, {NUMBER}"),
        ("+1-555-010-0199", f"plus one, {NUMBER}"),
        ("1-800-555-0199", "one, eight hundred, five five five, zero one nine nine"),
        ("800-555-0199", "eight hundred, five five five, zero one nine nine"),
        ("1-888-555-0199", "one, eight eight eight, five five five, zero one nine nine"),
        ("1-800-FLOWERS", "one, eight hundred, flowers"),
        ("555-0199", "five five five, zero one nine nine"),
        ("call 867-5309", "call eight six seven, five three zero nine"),
        ("555-010-0199 ext. 12", f"{NUMBER}, extension one two"),
        ("555-010-0199, ext 12", f"{NUMBER}, extension one two"),
        ("555-010-0199x12", f"{NUMBER}, extension one two"),
        ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
        ("+49 (30) 123456", "plus four nine, three zero, one two three, four five six"),
        ("+442079460958", "plus four four two, zero seven nine, four six zero, nine five eight"),
        ("020 7946 0958", "zero two zero, seven nine four six, zero nine five eight"),
        ("(020) 7946 0958", "zero two zero, seven nine four six, zero nine five eight"),
        ("text 5550100199", f"text {NUMBER}"),
    ],
)
def test_a_number_is_read_in_groups_of_digits(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "100-2000 people",
        "from 100-2000",
        "2024-05-17",
        "1,555,010,0199",
        "555-010-01999",
        "5550100199",
        "+5 °C",
        "+1 more",
        "2 + 2",
        "123-45-6789",
        "192.168.100.1234",
        "4111 1111 1111 1111",
        "$555-0199",
    ],
)
def test_other_numbers_are_left(text: str) -> None:
    assert say(RULES, text) == text
