"""Edits that keep account of what each character stands for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from text.aligned_text import AlignedText


def spans(text: AlignedText, source: str) -> list[tuple[str, str]]:
    """Return each word, and the part of the source that it stands for."""
    words = re.finditer(r"\S+", text.text)
    return [(match[0], source[slice(*text.span(*match.span()))]) for match in words]


def test_what_is_replaced_stands_for_the_whole_match() -> None:
    source = "He paid $5 then."
    text = AlignedText.of(source).sub(re.compile(r"\$5"), "five dollars")
    assert spans(text, source) == [
        ("He", "He"),
        ("paid", "paid"),
        ("five", "$5"),
        ("dollars", "$5"),
        ("then.", "then."),
    ]


def test_words_at_the_ends_of_a_match_that_stay_stand_for_themselves() -> None:
    source = "one - two"
    text = AlignedText.of(source).sub(re.compile("(. - .)"), lambda match: match[0].replace(" -", ","))
    assert spans(text, source) == [("one,", "one -"), ("two", "two")]


def test_no_word_is_torn_because_its_beginning_stays() -> None:
    source = "etc."
    assert spans(AlignedText.of(source).sub(re.compile("etc"), "et cetera"), source) == [
        ("et", "etc"),
        ("cetera.", "etc."),
    ]


def test_edits_of_edits_lead_to_the_source() -> None:
    source = "a 5kg bag"
    text = (
        AlignedText.of(source).sub(re.compile("5kg"), "5 kilos").sub(re.compile("5"), "five").sub(re.compile("a "), "")
    )
    assert spans(text, source) == [("five", "5kg"), ("kilos", "5kg"), ("bag", "bag")]


def test_none_and_the_same_leave_a_match() -> None:
    text = AlignedText.of("a b")
    assert text.sub(re.compile("a"), lambda _: None) is text
    assert text.sub(re.compile("a"), "a") is text


def test_an_insertion_stands_for_nothing() -> None:
    text = AlignedText.of("a b").sub(re.compile(r"(?<=a)"), ".")
    assert (text.text, text.span(1, 2)) == ("a. b", (1, 1))
    assert AlignedText.of("").span(0, 0) == (0, 0)


@given(st.text("ab 1", max_size=40), st.sampled_from(["a", "b+", "a b", " ", "1*", r"\w+"]), st.text("ab ", max_size=5))
def test_the_text_is_that_of_an_ordinary_substitution(source: str, pattern: str, new: str) -> None:
    text = AlignedText.of(source).sub(re.compile(pattern), new)
    assert text.text == re.sub(pattern, new, source)
    assert len(text.starts) == len(text.ends) == len(text.text)
    assert all(0 <= start <= end <= len(source) for start, end in zip(text.starts, text.ends, strict=True))
    assert text.starts == sorted(text.starts)
