import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perf.__main__ import app
from perf.command import RESULTS
from perf.engine_measurements import Results
from perf.experiments.chaos import ChaosResults
from perf.experiments.failover import FailoverResults
from perf.experiments.proxy import ProxyResults
from perf.experiments.soak import SoakResults
from perf.report import server_page
from perf.report.results import (
    LOAD_FILE,
    TUNING_FILE,
    LoadResults,
    TuningResults,
    UnreadableResults,
    read,
    read_load,
    read_tuning,
    save,
)
from perf.report.server_page import make_report, page_of
from tests.perf.invented import complete_results, empty_results, tuning


def save_report(directory: Path, results: LoadResults, tuned: TuningResults | None = None) -> list[Path]:
    save(directory / LOAD_FILE, results)
    if tuned:
        save(directory / TUNING_FILE, tuned)
    return make_report(directory)


def test_files_of_a_run_and_of_a_later_one_that_tunes_nothing(tmp_path: Path) -> None:
    for results, tuned in ((complete_results(), tuning()), (empty_results(), None)):
        files = save_report(tmp_path / "new", results, tuned)
        names = [file.name for file in files]
        assert names[:2] == ["load.json", "tuning.json"]
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
    monkeypatch.setattr(server_page, "_PERF", tmp_path)
    directory = tmp_path / "results" / "load-cpu"
    save_report(directory, complete_results())
    assert page_of(directory) == tmp_path / "RESULTS.md"
    assert "(results/load-cpu/listeners.png)" in (tmp_path / "RESULTS.md").read_text()
    assert page_of(tmp_path / "results" / "quick") == tmp_path / "results" / "quick" / "RESULTS.md"


def test_the_report_can_be_made_again_from_json(tmp_path: Path) -> None:
    *_, page = save_report(tmp_path, complete_results(), tuning())
    before = page.read_text()
    for file in tmp_path.iterdir():
        if file.suffix != ".json":
            file.unlink()
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert (result.exit_code, page.read_text()) == (0, before)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert result.exit_code == 1
    assert "`make bench` makes it" in result.stderr


def test_what_is_read_is_what_was_saved(tmp_path: Path) -> None:
    for results in (complete_results(), empty_results()):
        save(tmp_path / "new" / LOAD_FILE, results)
        assert read_load(tmp_path / "new") == results


def test_tuning_is_read_as_it_was_saved(tmp_path: Path) -> None:
    assert read_tuning(tmp_path) is None
    save(tmp_path / TUNING_FILE, tuning())
    assert read_tuning(tmp_path) == tuning()


def test_what_is_not_there_is_named_with_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UnreadableResults, match=r"load\.json .* `make bench` makes it: .*No such file"):
        read_load(tmp_path)


@pytest.mark.parametrize("content", ["{", "{}", '{"facts": 1}'])
def test_files_of_something_else(content: str, tmp_path: Path) -> None:
    (tmp_path / "tuning.json").write_text(content)
    with pytest.raises(UnreadableResults, match=r"tuning\.json does not hold the results"):
        read_tuning(tmp_path)


@pytest.mark.parametrize("directory", sorted(RESULTS.glob("20*")), ids=lambda directory: directory.name)
def test_committed_results_can_be_read(directory: Path) -> None:
    assert read_load(directory).whole
    tuned = read_tuning(directory)
    assert tuned is None or all(series.points for sweep in tuned.sweeps for series in sweep.series)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("engine-cpu", Results),
        ("proxy", ProxyResults),
        ("failover", FailoverResults),
        ("chaos", ChaosResults),
        ("soak", SoakResults),
    ],
)
def test_committed_results_of_the_other_experiments_can_be_read(name: str, kind: type[object], tmp_path: Path) -> None:
    file = RESULTS / f"{name}.json"
    again = save(tmp_path / file.name, read(file, kind, "make"))
    assert json.loads(again.read_text()) == json.loads(file.read_text())
