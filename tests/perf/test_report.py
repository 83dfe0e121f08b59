import json
from pathlib import Path

from perf.report import save_report
from perf.results import Results
from perf.verdicts import judge


def test_files_of_a_complete_run(results: Results, tmp_path: Path) -> None:
    files = save_report(results, judge(results), tmp_path / "new", "engine-cpu")
    assert [file.name for file in files] == [
        "engine-cpu.json",
        "engine-cpu-throughput.png",
        "engine-cpu-first-audio.png",
        "engine-cpu-burst.png",
        "engine-cpu-steps.png",
    ]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files[1:])


def test_json_holds_figures_conditions_and_verdicts(results: Results, tmp_path: Path) -> None:
    file, *_ = save_report(results, judge(results), tmp_path, "engine-cpu")
    content = json.loads(file.read_text())
    assert content["engine"]["whole"][1]["times_real_time"] == 60.0
    assert content["facts"]["commit"] == "abc1234"
    assert content["verdicts"][-1] == {
        "target": "memory ≤ 1.2 GB with 64 slots",
        "value": "1.10 GB",
        "outcome": "met",
    }


def test_nothing_is_drawn_of_what_was_not_measured(results: Results, tmp_path: Path) -> None:
    results.burst = None
    results.steps = None
    assert not [
        file for file in save_report(results, [], tmp_path, "x") if "burst" in file.name or "steps" in file.name
    ]
