from pathlib import Path

import pytest

from perf.load.script import Script, read_texts


def test_texts_are_said_in_turn_until_all_requests_are_sent() -> None:
    script = Script(["one", "two"], requests=3)
    assert [script.next_line() for _ in range(5)] == [(0, "one"), (1, "two"), (2, "one"), None, None]


def test_no_number_of_requests_is_no_end() -> None:
    script = Script(["one"])
    assert [script.next_line() for _ in range(100)][-1] == (99, "one")


def test_all_has_ended_with_the_last_one() -> None:
    script = Script(["one"], requests=2)
    script.note_end()
    assert not script.all_ended.is_set()
    script.note_end()
    assert script.all_ended.is_set()


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        Script([])


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
