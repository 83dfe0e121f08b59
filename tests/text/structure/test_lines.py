import pytest

from tests.text.structure.plain import plain

FILLED = """\
The committee, which had been sitting since the early morning of
Tuesday, finally agreed that New York and London should both be
considered, although it was clear to nearly all of them that Mr.
Smith would be against it."""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("It was a dark\nand stormy night in\nthe middle", "It was a dark and stormy night in the middle"),
        ("We went to the\nEmpire State Building", "We went to the Empire State Building"),
        ("First, second;\nThird", "First, second; Third"),
        ('He said\n"well," and left', 'He said "well," and left'),
        (FILLED, FILLED.replace("\n", " ")),
        ("An exam-\nple of well-\nknown, state-of-\nthe-art", "An example of well-known, state-of-the-art"),
        ("pre-\nand post-war", "pre- and post-war"),
        ("U.S.-\nbased, 5-\nyear, pages 1-\n5", "U.S.-based, 5-year, pages 1-5"),
        ("THE LORD OF\nTHE RINGS", "THE LORD OF THE RINGS"),
        ("So he went -\nand came", "So he went - and came"),
    ],
)
def test_a_wrapped_line_goes_on(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "A title\nBy Someone\nIt begins.",
        "Two roads diverged in a yellow wood\nThen took the other as just as fair",
        "123 Main St\nApt 4\nSpringfield, IL 62704",
        "eggs\nmilk\nbread",
        "Ingredients:\ntwo eggs\nflour",
        "roses are red\nviolets are blue\nsugar is sweet\nand so are you",
        "a) first\nb) second",
        "Q: What is it?\nA: A test.",
        "Buy it now\niPhone",
        "Step 1: Do\nStep 2: Go",
        "Anna Smith\nCEO, Acme Inc.",
    ],
)
def test_a_line_that_stands_alone_stays(written: str) -> None:
    assert plain(written) == written


def test_blank_lines_and_spaces_are_single() -> None:
    assert plain("  a   b \n\n \n\nc  \n") == "a b\nc"


def test_lines_without_words_are_left_out() -> None:
    assert plain("One\n...\n-\n***\nTwo\n-- \nThree\n|") == "One\nTwo\nThree"
