"""Hostile texts cost the rules no more than their length."""

import pytest

from tests.text.processor_time import processor_seconds
from tests.text.verbalization.reading import say
from text.verbalization.rules import FIRST, RULES

# fmt: off
UNITS = (
    "9", "1,", "a.", "$", "1 ", "1-", "1.", "1/", "½", "1x", "1×", "x^", "f(x)", "5\"", "5'", "a 5 kg bag ", "$5-",
    "$5 to ", "1 000 ", "1:1 ", "+1", "(555)", "555-", "±", "n²", "1 a/s ", "CA 90210 ", "1 1/2 ", "5 USD", "1h2m",
    "1'000", "1e5", "<=", "room 237 ", "1.1.1.1 ", "v1.", "#12345 ", "5 to ", "call 911 ", "\n1) ", "12-", "2024-",
    "Jan ", "Jan.", "May 5", "5 Jan ", "'90", "90s", "Mon-", "Q3", "c. ", "5 ", "1:", "10:30-", "9am", "9 am-", "2h",
    "2h 5m ", "12:30:", "9 a.m. ", "@", "/", "#", "a@", "a/", "a_", "a-", "--", "aA", "http://", "a.b@", "aa.A",
    "?!", "\\", "(", "1.1.1.1:", "A.", "A. ", "A", "AB ", "I", "II ", "X. ", "a", "a ", "A1", "A-", "A/", "A&", "w/",
    "St. ", "Dr. ", "No. ", "p. ", "Chapter II ", "Henry ", ", CA", "Main St. ", "12 N. ", "e.g. ", "etc. ",
    "et al. ", "vs. ", "§", "α", "~", " / ", " ", "\n", "(ii)", "4K ", "THE AB ",
    "A" * 99 + " ", "1" * 36 + " ", "Aa" * 49 + " ", "a." * 49 + " ", "A-" * 49 + " ", "A1" * 49 + " ",
)
# fmt: on
LENGTH = 16_000


@pytest.mark.parametrize("unit", UNITS)
def test_a_repeated_unit_takes_linear_time(unit: str) -> None:
    """For a text four times as long, quadratic time would be 16 times as long."""
    text = unit * (LENGTH // len(unit))
    assert seconds(text) < 8 * seconds(text[: len(text) // 4]) + 0.2


def seconds(text: str) -> float:
    """Return the processor time of all rules."""
    return processor_seconds(lambda: say((*FIRST, *RULES), text))
