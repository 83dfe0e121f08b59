import pytest

from tests.text.verbalization.reading import say
from text.verbalization.numeric import mathematics, ranges, units

RULES = (*ranges.RULES, *units.RULES, *mathematics.RULES)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3 * 4", "3 times 4"),
        ("3*4", "3 times 4"),
        ("3 × 4 = 12", "3 times 4 = 12"),
        ("3x4 = 12", "3 times 4 = 12"),
        ("3 x 4 = 12", "3 times 4 = 12"),
        ("10 / 2", "10 divided by 2"),
        ("10 ÷ 2", "10 divided by 2"),
        ("10÷2", "10 divided by 2"),
        ("5 - 3", "5 minus 3"),
        ("1,500 - 300", "1,500 minus 300"),
        ("x - y = 3", "x minus y = 3"),
        ("x - 3", "x - 3"),
        ("a = b/c", "a = b over c"),
        ("1/2 = x", "1/2 = x"),
        ("and/or = x", "and/or = x"),
        ("C/C++", "C/C++"),
        ("y = -x", "y = minus x"),
        ("2 · 3", "2 times 3"),
        ("5! = 120", "5 factorial = 120"),
    ],
)
def test_an_operator_is_said(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("x ≤ 3", "x is less than or equal to 3"),
        ("x is ≤ 3", "x is less than or equal to 3"),
        ("≤5 people", "less than or equal to 5 people"),
        ("So 6x_1 ≤ 24 holds.", "So 6x 1 is less than or equal to 24 holds."),
        ("a ≥ b", "a is greater than or equal to b"),
        ("x >= 5", "x is greater than or equal to 5"),
        ("x != 0", "x is not equal to 0"),
        ("1 ≠ 2", "1 is not equal to 2"),
        ("π ≈ 3.14", "pi is approximately 3.14"),
        ("x < 5", "x is less than 5"),
        ("3 > 2", "3 is greater than 2"),
    ],
)
def test_a_relation_is_said(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("n²", "n squared"),
        ("x³ + 1", "x cubed + 1"),
        ("10^23 atoms", "10 to the twenty-third atoms"),
        ("10⁻⁵", "10 to the minus five"),
        ("10^-5", "10 to the minus five"),
        ("x^n", "x to the n"),
        ("x^(n+1)", "x to the power of n plus 1"),
        ("e^{-x}", "e to the power of minus x"),
        ("a^2 + b^2 = c^2", "a squared + b squared = c squared"),
        ("(a+b)^2", "(a+b) squared"),
        ("3×10^8", "3 times 10 to the eighth"),
        ("1.2 x 10^6 km", "1.2 times 10 to the sixth kilometers"),
        ("3 × 10^8 m/s", "3 times 10 to the eighth meters per second"),
        ("6.02e23", "six point zero two times ten to the twenty-third"),
        ("1e-5", "one times ten to the minus five"),
        ("x_1", "x 1"),
        ("x_i", "x i"),
        ("x_{12}", "x 12"),
        ("as shown.²", "as shown."),
        ("the theory² says", "the theory says"),
    ],
)
def test_a_power_or_index_is_said(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("f(x) = 2", "f of x = 2"),
        ("f'(x)", "f prime of x"),
        ("O(n)", "o of n"),
        ("O(n log n)", "o of n log n"),
        ("O(n^2)", "o of n squared"),
        ("sin(2x)", "sine of 2x"),
        ("g(x, y)", "g of x, y"),
        ("√2", "the square root of 2"),
        ("the √2", "the square root of 2"),
        ("2πr", "2 pi r"),
        ("∞", "infinity"),
        ("∑ x", "the sum of x"),
    ],
)
def test_functions_and_signs_are_said(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "I <3 this song.",
        "the egg(s)",
        "plan b - a good one",
        "snake_case",
        "x_coordinate",
        "a * b",
        "and / or",
        "Wow! (really)",
        "call me(now)",
        "Nike × Adidas",
        "1e",
        "a -> b",
        "5 + 3 = 8",
        "grade c(minus)",
        "I(we) went",
    ],
)
def test_prose_is_left(text: str) -> None:
    assert say(RULES, text) == text
