import pytest

from voices.evaluation.word_errors import WordErrors, comparable_words, repeats

SAID = ["turn", "left", "at", "the", "light"]


@pytest.mark.parametrize(
    ("recognised", "errors"),
    [
        ("turn left at the light", 0),
        ("turn left at light", 1),
        ("turn left at the the light", 1),
        ("turn left at a light", 1),
        ("left turn at the light", 2),
        ("", 5),
        ("something else that is much longer than it", 8),
    ],
)
def test_every_word_left_out_put_in_or_misheard_counts(recognised: str, errors: int) -> None:
    assert WordErrors.of(SAID, recognised.split()) == WordErrors(errors, 5)


def test_a_total_weighs_every_word_alike() -> None:
    total = WordErrors.total([WordErrors(1, 2), WordErrors(0, 8)])
    assert (total, total.rate) == (WordErrors(1, 10), 0.1)


@pytest.mark.parametrize(
    ("written", "recognised"),
    [
        ("On page 42, Dr. Smith didn't agree!", "on page forty-two, Doctor Smith did not agree"),
        (
            "It costs $1,249.99, or 8% less.",
            "It costs one thousand two hundred forty-nine dollars and 99 cents or eight percent less.",
        ),
        (
            "On July 4th, 1999, the FBI came at 7:45 p.m.",
            "On July 4, nineteen ninety nine, the F.B.I. came at 7:45 PM.",
        ),
        ("Call 555-0142.", "Call five five five zero one four two."),
    ],
)
def test_words_are_compared_as_they_are_said(written: str, recognised: str) -> None:
    assert comparable_words(written) == comparable_words(recognised)


def test_different_numbers_are_different_words() -> None:
    assert comparable_words("Page 42.") == ["page", "42"] != comparable_words("page forty")


@pytest.mark.parametrize("text", ["", "...", "♪"])
def test_a_text_may_have_no_words(text: str) -> None:
    assert comparable_words(text) == []


@pytest.mark.parametrize(
    ("recognised", "repeated"),
    [
        ("turn left at the light", False),
        ("turn left at the light turn left at the light", True),
        ("turn left at the the light at", False),
        ("turn left at the light left at the light", True),
        ("", False),
    ],
)
def test_a_phrase_of_three_words_is_heard_once(recognised: str, repeated: bool) -> None:
    assert repeats(SAID, recognised.split()) == repeated


def test_what_the_text_itself_repeats_may_be_heard_as_often() -> None:
    row = ["row", "row", "row", "your", "boat"]
    assert not repeats([*row, *row], [*row, *row])
    assert repeats([*row, *row], [*row, *row, *row])


def test_a_single_word_is_heard_once() -> None:
    assert not repeats(["yes"], ["yes"])
    assert repeats(["yes"], ["yes", "yes"])
