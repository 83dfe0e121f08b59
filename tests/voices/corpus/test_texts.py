from pathlib import Path

import pytest

from text.sentences import split_sentences
from voices.corpus import texts
from voices.corpus.texts import chosen_sentences, expression_sentences, training_sentences
from voices.errors import VoiceError

WORDS = [
    "the",
    "cat",
    "dog",
    "house",
    "walks",
    "slowly",
    "under",
    "seven",
    "trees",
    "while",
    "rain",
    "falls",
    "over",
    "old",
    "hills",
    "near",
    "our",
    "quiet",
    "town",
]


@pytest.fixture(autouse=True)
def collections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two collections in the places and the formats of Debian's."""
    wordnet, fortunes = tmp_path / "wordnet", tmp_path / "fortunes"
    wordnet.mkdir()
    fortunes.mkdir()
    for name in ("noun", "verb", "adj", "adv"):
        lines = [
            f'0000 00 n 01 {name} | a thing; "{" ".join(WORDS[i : i + 5])} {name}"; "Number {i} is a {name}"'
            for i in range(12)
        ]
        (wordnet / f"data.{name}").write_text("\n".join(lines))
    with (wordnet / "data.noun").open("a") as nouns:
        nouns.write(
            "\n0001 15 n 02 Boston 0 Hub_of_the_Universe 0 001 @i 01 n 0000 | a city"
            "\n0002 18 n 01 Ada_Lovelace 0 001 @i 02 n 0000 | a mathematician in Boston"
            "\n0003 05 n 01 Enterobius 0 001 @ 03 n 0000 | a genus of worms"
            "\n0004 14 n 02 Central_Intelligence_Agency 0 CIA 0 001 @i 04 n 0000 | an agency\n"
        )
    cookies = ["Be careful, friend!\n\t\t-- Somebody", "It rains. The cat sleeps on the warm stone wall."]
    (fortunes / "wisdom").write_text("\n%\n".join(cookies))
    (fortunes / "wisdom.dat").write_bytes(b"\0index")
    (fortunes / "perl").write_text("print the camel of the programmer")
    monkeypatch.setattr(texts, "_WORDNET", wordnet)
    monkeypatch.setattr(texts, "_FORTUNES", fortunes)
    monkeypatch.setattr(texts, "_POOL", 20_000)
    return tmp_path


def has_three_verbs(text: str) -> bool:
    return "number three is a verb" in text


def test_sentences_come_as_the_engine_would_hand_them_over() -> None:
    for sentence in training_sentences(3000, seed=1):
        assert [each.text for each in split_sentences(sentence)] == [sentence]


def test_the_same_seed_gives_the_same_and_another_one_others() -> None:
    assert training_sentences(2000, seed=1) == training_sentences(2000, seed=1)
    assert training_sentences(2000, seed=1) != training_sentences(2000, seed=2)


def test_there_are_about_as_many_characters_as_asked_for_and_no_sentence_twice() -> None:
    sentences = training_sentences(2000, seed=1)
    assert 1700 < sum(map(len, sentences)) < 2600
    assert len(set(sentences)) == len(sentences)


def test_both_collections_are_read_and_what_is_no_prose_is_not() -> None:
    everything = " ".join(training_sentences(50_000, seed=1))
    for known in ("be careful, friend!", "number three is a verb.", "the cat sleeps on the warm stone wall."):
        assert known in everything
    for unknown in ("somebody", "camel", "index"):
        assert unknown not in everything


def test_what_is_excluded_is_not_among_them() -> None:
    assert not any(map(has_three_verbs, training_sentences(50_000, seed=1, excluded=has_three_verbs)))


def test_numbers_and_single_words_are_there() -> None:
    sentences = training_sentences(20_000, seed=1)
    assert any(" " not in sentence for sentence in sentences)
    assert any("percent" in sentence for sentence in sentences)


def test_names_of_persons_and_places_and_initials_stand_in_sentences_as_the_engine_would_hand_them_over() -> None:
    sentences = expression_sentences(20_000, ["the cat sleeps in a house."], seed=1)
    assert [each.text for sentence in sentences for each in split_sentences(sentence)] == sentences
    for known in ("boston", "ada lovelace", "c i a", " percent", " p m"):
        assert any(known in sentence for sentence in sentences), known
    assert not any("enterobius" in sentence for sentence in sentences)


def test_the_chosen_ones_have_expressions_and_other_words_and_none_that_is_excluded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(texts, "with_other_words", lambda frames, *_: (f"and so {frame}" for frame in frames))
    chosen = chosen_sentences(5_000, seed=1, excluded=lambda text: has_three_verbs(text) or "boston" in text)
    assert len(set(chosen)) == len(chosen)
    assert any("c i a" in sentence for sentence in chosen)
    assert any(sentence.startswith("and so ") for sentence in chosen)
    assert not any(has_three_verbs(sentence) or "boston" in sentence for sentence in chosen)


def test_fewer_characters_give_the_beginning_of_the_same_list() -> None:
    some, more = chosen_sentences(1_000, seed=1), chosen_sentences(3_000, seed=1)
    assert len(some) < len(more)
    assert more[: len(some)] == some


def test_a_missing_collection_is_named_with_its_package(collections: Path) -> None:
    (collections / "wordnet" / "data.noun").unlink()
    with pytest.raises(VoiceError, match="apt-get install wordnet-base"):
        training_sentences(1000, seed=1)
