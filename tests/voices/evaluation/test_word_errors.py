import pytest

from voices.evaluation.word_errors import WordErrors, spoken_words

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


def test_words_are_compared_as_they_are_said() -> None:
    assert spoken_words("On page 42, Dr. Smith didn't agree!") == (
        ["on", "page", "forty", "two", "doctor", "smith", "didn't", "agree"]
    )
