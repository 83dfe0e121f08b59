import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perf.load import report
from perf.load.report import app, page_of, save_report
from tests.perf.load.invented import complete_results, empty_results, tuning


def test_files_of_a_run_and_of_a_later_one_that_tunes_nothing(tmp_path: Path) -> None:
    for results, tuned in ((complete_results(), tuning()), (empty_results(), None)):
        files = save_report(tmp_path / "new", results, tuned)
        names = [file.name for file in files]
        assert names[:3] == ["load.json", "tuning.json", "load.csv"]
        assert names[-3:] == [
            *("tuning-soprano-slots.png", "tuning-max-queue-delay-microseconds-of-soprano.png"),
            "RESULTS.md",
        ]
        assert all(file.stat().st_size for file in files)


def test_every_file_is_linked(tmp_path: Path) -> None:
    *files, page = save_report(tmp_path, complete_results(), tuning())
    linked = re.findall(r"\]\((.*?)\)", page.read_text())
    assert sorted(linked) == sorted(file.name for file in files)


def test_results_of_the_project_are_reported_in_its_own_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_PERF", tmp_path)
    directory = tmp_path / "results" / "load-cpu"
    save_report(directory, complete_results())
    assert page_of(directory) == tmp_path / "RESULTS.md"
    assert "(results/load-cpu/listeners.png)" in (tmp_path / "RESULTS.md").read_text()
    assert page_of(tmp_path / "results" / "quick") == tmp_path / "results" / "quick" / "RESULTS.md"


def test_the_report_is_made_anew_from_json(tmp_path: Path) -> None:
    *_, page = save_report(tmp_path, complete_results(), tuning())
    before = page.read_text()
    for file in tmp_path.iterdir():
        if file.suffix != ".json":
            file.unlink()
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert (result.exit_code, page.read_text()) == (0, before)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 1
    assert "`make bench` makes it" in result.stderr
