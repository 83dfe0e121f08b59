from pathlib import Path

import pytest

from voices.atomic_file import written_whole


def test_it_appears_once_it_is_written(tmp_path: Path) -> None:
    with written_whole(tmp_path / "file.txt") as partial:
        partial.write_text("all of it")
        assert not (tmp_path / "file.txt").exists()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("file.txt", "all of it")]


def interrupted(file: Path) -> None:
    with written_whole(file) as partial:
        partial.write_text("half of")
        raise KeyboardInterrupt


def test_an_interruption_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("before")
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "file.txt")
    assert (tmp_path / "file.txt").read_text() == "before"
