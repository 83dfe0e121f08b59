import pytest

from tests.text.verbalization.reading import say
from text.verbalization.names.initials import RULES


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He left the C.I.A. for a job", "He left the c i a for a job"),
        ("in Washington, D.C. in spring", "in Washington, d c in spring"),
        ("He moved to the U.S. It was winter.", "He moved to the u s. It was winter."),
        ("the U.S. Army", "the u s Army"),
        ("the U.S.'s plan", "the u s's plan"),
        ("U.S.-China talks", "u s-China talks"),
        ("in the U.S.", "in the u s."),
        ("in the U.S., too", "in the u s, too"),
        ("the U.S.A. team", "the u s a team"),
        ("He has a Ph.D. in art", "He has a p h d in art"),
        ("John Roe, M.D., said", "John Roe, m d, said"),
        ("9 a.m. Come early", "9 a m. Come early"),
        ("9 a.m. on Monday", "9 a m on Monday"),
        ("i.e. the red one", "that is the red one"),
        ("a snack, e.g. nuts", "a snack, for example nuts"),
        ("e.g., nuts", "for example, nuts"),
        ("Eric, a.k.a. the Captain", "Eric, a k a the Captain"),
        ("P.S. I love you", "p s, I love you"),
    ],
)
def test_letters_with_full_stops_are_letters_or_words(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("J. K. Rowling", "j k Rowling"),
        ("J.K. Rowling", "j k Rowling"),
        ("J. R. R. Tolkien", "j r r Tolkien"),
        ("George W. Bush spoke", "George w Bush spoke"),
        ("by A. Smith", "by a Smith"),
        ("J. Edgar Hoover", "j Edgar Hoover"),
        ("T.S. Eliot", "t s Eliot"),
        ("E. coli and T. rex", "e coli and t rex"),
    ],
)
def test_initials_do_not_end_a_sentence(written: str, said: str) -> None:
    assert say(RULES, written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Take vitamin C. It helps.",
        "That was plan B. Now we wait.",
        "It was I. Then he left.",
        "He got a B. Smith got an A. She did not.",
        "I am Gen X. Colin is not.",
        "The end. A start.",
        "So we left. Bob stayed.",
    ],
)
def test_a_letter_that_ends_a_sentence_is_left(text: str) -> None:
    assert say(RULES, text) == text
