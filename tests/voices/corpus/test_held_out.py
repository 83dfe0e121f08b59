import pytest

from voices.corpus.held_out import hard_texts, held_out_sentences, is_examined
from voices.evaluation.word_errors import comparable_words


def test_there_are_enough_different_ones() -> None:
    sentences = held_out_sentences()
    assert len(sentences) >= 240
    assert len(set(sentences)) == len(sentences)


def test_they_are_sentences_of_everyday_length() -> None:
    for sentence in held_out_sentences():
        assert sentence.isascii()
        assert 5 <= len(comparable_words(sentence)) <= 20, sentence


def test_there_are_100_hard_texts_of_every_kind() -> None:
    texts = hard_texts()
    assert len(set(texts)) == 100
    assert not set(texts) & set(held_out_sentences())
    assert all(comparable_words(text) for text in texts)
    assert sum(" " not in text for text in texts) >= 10
    assert sum(text.endswith("?") for text in texts) >= 20
    assert sum(any(map(str.isdigit, text)) for text in texts) >= 40
    assert sum(290 <= len(text) <= 310 for text in texts) >= 5


@pytest.mark.parametrize("number", [1, 12, 200])
def test_some_of_them_are_from_the_whole_of_the_list(number: int) -> None:
    everything, some = held_out_sentences(), held_out_sentences(number)
    places = [everything.index(sentence) for sentence in some]
    assert places == sorted(set(places))
    assert len(some) == number
    assert places[-1] >= len(everything) * (number - 1) // number


@pytest.mark.parametrize(
    ("sentence", "examined"),
    [
        ("the boat moved slowly down the wide river.", True),
        ("and so the boat moved slowly down the wide river.", True),
        ("there were about two hundred fifty people at the concert.", True),
        ("maybe...", True),
        ("wednesday!", True),
        ("maybe he came on wednesday.", False),
        ("the boat moved slowly.", False),
    ],
)
def test_a_training_text_may_have_words_of_a_hard_text_but_not_be_one(sentence: str, examined: bool) -> None:
    assert is_examined(sentence) == examined
