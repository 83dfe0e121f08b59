from collections import Counter
from itertools import islice, pairwise
from pathlib import Path
from statistics import fmean, pstdev

import pytest
from soprano.tts import SopranoTTS

from perf.workload import InvalidMix, Kind, Mix, TextQueue, TextShare, arrival_times, read_texts
from text.sentences import split_sentences


@pytest.fixture(scope="module")
def mix() -> Mix:
    return Mix.read()


def read(directory: Path, toml: str, **files: str) -> Mix:
    (directory / "mix.toml").write_text(toml)
    for name, text in files.items():
        (directory / f"{name}.txt").write_text(text)
    return Mix.read(directory)


def test_deck_has_the_shares_exactly(mix: Mix) -> None:
    kind_of = {text: kind.name for kind in mix.kinds for text in kind.texts}
    drawn = Counter(kind_of[text] for text in mix.deck())
    assert drawn == {"replies": 50, "sentences": 35, "paragraphs": 14, "article": 1}
    assert [(share.kind, share.share) for share in mix.shares()] == [
        ("replies", 0.5),
        ("sentences", 0.35),
        ("paragraphs", 0.14),
        ("article", 0.01),
    ]


def test_no_text_is_drawn_much_more_often_than_others_of_its_kind(mix: Mix) -> None:
    drawn = Counter(mix.deck())
    for kind in mix.kinds:
        times = [drawn[text] for text in kind.texts]
        assert max(times) - min(times) <= 1


def test_order_is_the_same_every_time(mix: Mix) -> None:
    assert mix.deck() == Mix.read().deck() != tuple(sorted(mix.deck()))


def test_article_comes_fifth(mix: Mix) -> None:
    assert mix.deck()[4] == mix.kinds[-1].texts[0]


def test_any_ten_in_a_row_are_alike(mix: Mix) -> None:
    lengths = [len(text) for text in mix.deck(longest=1000)]
    tens = [fmean(lengths[start : start + 10]) for start in range(len(lengths) - 9)]
    assert 0.65 * fmean(lengths) < min(tens) < max(tens) < 1.35 * fmean(lengths)


@pytest.mark.parametrize("clients", [2, 4, 8])
def test_clients_that_share_the_deck_in_turn_get_alike_texts(mix: Mix, clients: int) -> None:
    lengths = [len(text) for text in mix.deck(longest=1000)]
    means = [fmean(lengths[client::clients]) for client in range(clients)]
    assert 0.65 * fmean(lengths) < min(means) < max(means) < 1.35 * fmean(lengths)


def test_long_texts_can_be_left_out(mix: Mix) -> None:
    whole = list(mix.deck())
    assert list(mix.deck(longest=1000)) == whole[:4] + whole[5:]
    assert [share.kind for share in mix.shares(longest=1000)] == ["replies", "sentences", "paragraphs"]
    assert sum(share.share for share in mix.shares(longest=1000)) == pytest.approx(1)
    with pytest.raises(InvalidMix, match="no text of the mix has at most 5 characters"):
        mix.deck(longest=5)


def test_every_text_is_new_and_of_its_kind(mix: Mix) -> None:
    texts = [text for kind in mix.kinds for text in kind.texts]
    assert len(set(texts)) == len(texts)
    replies, sentences, paragraphs, article = (kind.texts for kind in mix.kinds)
    assert all(10 <= len(text) <= 40 for text in replies)
    assert all(60 <= len(text) <= 160 and len(split_sentences(text)) == 1 for text in sentences)
    assert all(300 <= len(text) <= 500 and len(split_sentences(text)) > 3 for text in paragraphs)
    assert [3900 <= len(text) <= 4000 for text in article] == [True]


def test_upstream_would_speak_as_much(mix: Mix) -> None:
    """All compared servers do the same work, though upstream misreads some dates and prices."""
    ours = theirs = 0
    for text in (text for kind in mix.kinds for text in kind.texts):
        prompts = [prompt for prompt, _, _ in SopranoTTS._preprocess_text(None, [text])]
        sentences = [f"[STOP][TEXT]{sentence.text}[START]" for sentence in split_sentences(text)]
        assert len(prompts) == len(sentences)
        theirs += sum(map(len, prompts))
        ours += sum(map(len, sentences))
    assert ours == pytest.approx(theirs, rel=0.002)


def test_shares_say_how_long_texts_are(tmp_path: Path) -> None:
    toml = '[words]\npercent = 75\none = "line"\n[verses]\npercent = 25\none = "paragraph"'
    mix = read(tmp_path, toml, words="one\n\ntwo \n", verses="a b\nc d\n\n\ne f\ng h\n")
    assert mix.kinds == (Kind("words", 75, ("one", "two")), Kind("verses", 25, ("a b\nc d", "e f\ng h")))
    assert mix.shares() == [TextShare("words", 0.75, 3.0), TextShare("verses", 0.25, 7.0)]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[a]\npercent = 60\none = "line"\n[b]\npercent = 39\none = "file"', "99 percent together"),
        ('[a]\npercent = 100\none = "line"\n[b]\npercent = 0\none = "file"', "b are 0 percent"),
        ('[a]\npercent = 100\none = "word"', r'\[a\] needs `percent`, a whole number, and `one`, "line" or'),
        ('[a]\npercent = 99.5\none = "line"', r"\[a\] needs"),
        ('[a]\npercent = 100\none = "line"\nfile = "b"', r"\[a\] needs"),
        ("a = 100", r"\[a\] needs"),
        ('[empty]\npercent = 100\none = "line"', "there are no empty"),
        ('[missing]\npercent = 100\none = "line"', "missing.txt cannot be read"),
        ("[a", "is not TOML"),
    ],
)
def test_mix_that_cannot_be_used(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(InvalidMix, match=words):
        read(tmp_path, toml, a="one", b="two", empty=" \n\n")


def test_texts_are_said_in_turn_until_all_requests_are_sent() -> None:
    queue = TextQueue(["one", "two"], requests=3)
    assert [queue.next_text() for _ in range(5)] == [(0, "one"), (1, "two"), (2, "one"), None, None]


def test_no_number_of_requests_is_no_end() -> None:
    queue = TextQueue(["one"])
    assert [queue.next_text() for _ in range(100)][-1] == (99, "one")


def test_all_has_ended_with_the_last_one() -> None:
    queue = TextQueue(["one"], requests=2)
    queue.note_end()
    assert not queue.all_ended.is_set()
    queue.note_end()
    assert queue.all_ended.is_set()


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        TextQueue([])


def test_texts_are_lines_or_a_list(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("First.\n\nSecond.\n")
    (tmp_path / "texts.json").write_text('["First,\\nin two lines.", "Second."]')
    assert read_texts(tmp_path / "texts.txt") == ["First.", "Second."]
    assert read_texts(tmp_path / "texts.json") == ["First,\nin two lines.", "Second."]


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", "\n \n"), ("a.json", "[]"), ("b.json", '{"a": 1}'), ("c.json", "x")]
)
def test_files_without_texts_are_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=name):
        read_texts(tmp_path / name)


def test_gaps_are_those_of_a_poisson_process() -> None:
    gaps = [after - before for before, after in pairwise(islice(arrival_times(4.0), 20_000))]
    assert fmean(gaps) == pytest.approx(0.25, rel=0.03)
    assert pstdev(gaps) == pytest.approx(0.25, rel=0.03)  # exponential: as wide as they are long
    assert sum(gap < 0.25 for gap in gaps) / len(gaps) == pytest.approx(1 - 1 / 2.71828, abs=0.02)


def test_same_seed_is_the_same_moments() -> None:
    assert list(islice(arrival_times(2.0, seed=7), 5)) == list(islice(arrival_times(2.0, seed=7), 5))
    assert next(arrival_times(2.0, seed=7)) != next(arrival_times(2.0, seed=8))
