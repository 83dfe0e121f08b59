import pytest

from voices.corpus.held_out import held_out_sentences
from voices.evaluation.recogniser import vocabulary
from voices.evaluation.word_errors import spoken_words


def test_there_are_enough_different_ones() -> None:
    sentences = held_out_sentences()
    assert len(sentences) >= 240
    assert len(set(sentences)) == len(sentences)


def test_they_are_sentences_that_the_recogniser_could_write() -> None:
    known = vocabulary()
    for sentence in held_out_sentences():
        words = spoken_words(sentence)
        assert sentence.isascii()
        assert 5 <= len(words) <= 20, sentence
        assert not set(words) - known, sentence


@pytest.mark.parametrize("number", [1, 12, 200])
def test_some_of_them_are_from_the_whole_of_the_list(number: int) -> None:
    everything, some = held_out_sentences(), held_out_sentences(number)
    places = [everything.index(sentence) for sentence in some]
    assert places == sorted(set(places))
    assert len(some) == number
    assert places[-1] >= len(everything) * (number - 1) // number
