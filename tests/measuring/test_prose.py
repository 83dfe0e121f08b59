import pytest

from measuring import prose
from text.sentences import split_sentences


@pytest.mark.parametrize(
    "made",
    [prose.sentences(64), prose.sentences(1024), prose.sentences_spoken_alone(), prose.long_sentences(16)],
    ids=["64", "1024", "alone", "long"],
)
def test_every_text_is_one_sentence_and_no_two_are_alike(made: list[str]) -> None:
    assert len(set(made)) == len(made)
    assert all(len(split_sentences(text)) == 1 for text in made)


def test_lengths_are_mixed() -> None:
    lengths = [len(text) for text in prose.sentences(64)]
    assert min(lengths) >= 40
    assert max(lengths) <= 200
    assert max(lengths[:4]) - min(lengths[:4]) > 100  # so that a few are a fair sample


def test_texts_are_the_same_every_time_and_do_not_depend_on_their_number() -> None:
    assert prose.sentences(100)[:8] == prose.sentences(8)


def test_long_text_fills_its_length_and_begins_with_the_short_one() -> None:
    text = prose.long_text(4000)
    assert 3800 < len(text) <= 4000
    assert split_sentences(text)[0].text.lower() == prose.short_text().lower()
    assert 52 <= len(prose.short_text()) <= 68
