"""`soprano text` prints what would be said."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch.serving import assert_one_sentence


def read(text: str | bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    source = text if isinstance(text, bytes) else text.encode()
    result = subprocess.run([sys.executable, "-m", "launch.cli", "text", *arguments], input=source, capture_output=True)
    return subprocess.CompletedProcess(result.args, result.returncode, result.stdout.decode(), result.stderr.decode())


def test_each_sentence_is_a_line_with_the_pauses_between() -> None:
    text = "He raised $5.3 billion for it in 2019.\n[pause:0.5s]\nWas that enough for the company? Nobody knew."
    assert read(text).stdout.splitlines() == [
        "he raised five point three billion dollars for it in twenty nineteen.",
        "[pause:0.5s]",
        "was that enough for the company? nobody knew.",
    ]


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "text.md"
    file.write_text("# A **title**\n")
    assert read("", str(file)).stdout == "a title.\n"


def test_json_has_the_spans_of_words_and_readings() -> None:
    text = "It was **$5** then."
    (line,) = read(text, "--json").stdout.splitlines()
    sentence = json.loads(line)
    assert sentence["text"] == text
    assert sentence["spoken"] == "it was five dollars then."
    assert [(word["spoken"], text[word["start"] : word["end"]]) for word in sentence["words"]] == [
        ("it", "It"),
        ("was", "was"),
        ("five", "$5"),
        ("dollars", "$5"),
        ("then", "then"),
    ]
    assert sentence["readings"] == [{"kind": "money", "start": 9, "end": 11, "spoken": "five dollars"}]


def test_a_lexicon_says_how_words_are_read(tmp_path: Path) -> None:
    file = tmp_path / "lexicon.toml"
    file.write_text('"nginx" = "engine x"\n')
    assert read("Run nginx.", "--lexicon", str(file)).stdout == "run engine x.\n"
    assert_one_sentence(read("Run nginx.", "--lexicon", str(tmp_path / "none.toml")), "--lexicon", "none.toml")


def test_plain_text_is_left_to_upstream() -> None:
    assert read("It is 20:00.", "--plain").stdout == "it is twenty minutes.\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [("...", "nothing that can be spoken"), (b"\xff", "not UTF-8"), ("[pause:99s] Hello.", "pause")],
)
def test_what_cannot_be_read_is_one_sentence(text: str | bytes, words: str) -> None:
    result = read(text)
    assert result.returncode == 1
    assert_one_sentence(result, words)
