from pathlib import Path

import pytest

from text.sentences import split_sentences
from voices.corpus import texts
from voices.corpus.texts import training_sentences
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
    cookies = ["Be careful, friend!\n\t\t-- Somebody", "It rains. The cat sleeps on the warm stone wall."]
    (fortunes / "wisdom").write_text("\n%\n".join(cookies))
    (fortunes / "wisdom.dat").write_bytes(b"\0index")
    (fortunes / "perl").write_text("print the camel of the programmer")
    monkeypatch.setattr(texts, "_WORDNET", wordnet)
    monkeypatch.setattr(texts, "_FORTUNES", fortunes)
    return tmp_path


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


def test_what_is_held_out_is_in_none_of_them() -> None:
    held_out = frozenset({"number three is a verb."})
    assert not [
        text for text in training_sentences(50_000, seed=1, held_out=held_out) if "number three is a verb" in text
    ]


def test_numbers_and_single_words_are_there() -> None:
    sentences = training_sentences(20_000, seed=1)
    assert any(" " not in sentence for sentence in sentences)
    assert any("percent" in sentence for sentence in sentences)


def test_a_missing_collection_is_named_with_its_package(collections: Path) -> None:
    (collections / "wordnet" / "data.noun").unlink()
    with pytest.raises(VoiceError, match="apt-get install wordnet-base"):
        training_sentences(1000, seed=1)
