from random import Random

import pytest
from typer.testing import CliRunner

from perf.__main__ import app
from perf.experiments import text_fuzz
from perf.experiments.text_fuzz import broken_promise
from perf.load_generators.hostile_text import hostile_text
from text.sentences import LONGEST_SENTENCE, Sentence, split_sentences


def test_a_seed_names_its_texts() -> None:
    assert hostile_text(Random("1 2")) == hostile_text(Random("1 2"))
    assert len({hostile_text(Random(f"1 {index}"), longest=500) for index in range(50)}) > 40


def test_texts_are_of_every_length_up_to_the_longest() -> None:
    lengths = [len(hostile_text(Random(index))) for index in range(500)]
    assert min(lengths) == 1
    assert 5_000 < max(lengths) <= 10_000


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["text-fuzz", *arguments])
    return result.exit_code, result.output


def test_what_the_text_front_end_promises_holds() -> None:
    status, output = run("--count", "50", "--seed", "3")
    assert status == 0
    assert " 0 broke a promise" in output


def test_a_broken_promise_fails_and_names_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(_: str) -> list[Sentence]:
        raise IndexError("out of bounds")

    monkeypatch.setattr(text_fuzz, "split_sentences", raising)
    status, output = run("--count", "2", "--first", "7", "--seed", "3")
    assert status == 1
    assert "text 8 of seed 3: IndexError('out of bounds')" in output


def test_it_stops_after_its_time() -> None:
    assert "stopped after 0 s" in run("--count", "1000000", "--seconds", "0")[1]


@pytest.mark.parametrize(
    ("sentences", "promise"),
    [
        ([], "no sentence"),
        ([Sentence("a.", 0, 2)], "span 0 to 2"),
        ([Sentence("A.", 0, 14)], "not speakable"),
        ([Sentence("...", 0, 14)], "not speakable"),
        ([Sentence("a" * (LONGEST_SENTENCE + 1), 0, 14)], "characters: 'aaa"),
        ([Sentence("a.", 2, 4), Sentence("b.", 0, 14)], "span 0 to 14 after 2"),
        ([Sentence("a.", 0, 15)], "span 0 to 15 after 0 of 14"),
        ([Sentence("a.", 0, 0)], "span 0 to 0"),
        ([Sentence("a" * 300, 0, 14)] * 134, "more is spoken"),
        ([Sentence("a b.", 0, 14)], "watermelon is not spoken"),
    ],
)
def test_each_broken_promise_is_noticed(sentences: list[Sentence], promise: str) -> None:
    assert promise in broken_promise("a watermelon b", sentences)
    assert not broken_promise("a watermelon b", split_sentences("a watermelon b"))
