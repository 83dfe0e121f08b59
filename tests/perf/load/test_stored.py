from pathlib import Path

import pytest

from perf.load.stored import UnreadableResults, read_load, read_tuning, save_load, save_tuning
from tests.perf.load.invented import complete_results, empty_results, tuning


def test_what_is_read_is_what_was_saved(tmp_path: Path) -> None:
    for results in (complete_results(), empty_results()):
        save_load(tmp_path / "new", results)
        assert read_load(tmp_path / "new") == results


def test_tuning_is_read_as_it_was_saved(tmp_path: Path) -> None:
    assert read_tuning(tmp_path) is None
    save_tuning(tmp_path, tuning())
    assert read_tuning(tmp_path) == tuning()


def test_what_is_not_there_is_named_with_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UnreadableResults, match=r"load\.json .* `make bench` makes it: .*No such file"):
        read_load(tmp_path)


@pytest.mark.parametrize("content", ["{", "{}", '{"facts": 1}'])
def test_files_of_something_else(content: str, tmp_path: Path) -> None:
    (tmp_path / "tuning.json").write_text(content)
    with pytest.raises(UnreadableResults, match=r"tuning\.json does not hold the results"):
        read_tuning(tmp_path)
