from pathlib import Path

import pytest

from voices.atomic_file import atomic_write


def test_it_appears_once_it_is_written(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "file.txt") as partial:
        partial.write_text("all of it")
        assert not (tmp_path / "file.txt").exists()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("file.txt", "all of it")]


def interrupted(file: Path) -> None:
    with atomic_write(file) as partial:
        partial.write_text("half of")
        raise KeyboardInterrupt


def test_an_interruption_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("before")
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "file.txt")
    assert (tmp_path / "file.txt").read_text() == "before"
