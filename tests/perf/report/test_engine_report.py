import json
import re
from pathlib import Path

from perf.engine_measurements import Results
from perf.report.engine_report import save_report, tables
from perf.report.targets import judge_engine
from tests.perf.conftest import empty_results, speed


def printed(results: Results) -> list[str]:
    """The cells of every printed row, joined with spaces."""
    results.verdicts = judge_engine(results)
    rows = "\n".join(tables(results)).splitlines()
    return [re.sub("[ |]+", " ", row).strip() for row in rows]


def test_whole_clips_with_ratios(results: Results) -> None:
    lines = printed(results)
    assert "1 6.0 2.0 3.0 3.0" in lines
    assert "16 10.0" in lines  # the engine was not measured with this number
    assert "32 60.0 30.0" in lines


def test_streams(results: Results) -> None:
    lines = printed(results)
    assert "engine 16 500 500 32.0 0.50 0 of 16" in lines
    assert "ratio 1 0.30 1.3" in lines


def test_steps_with_their_shares(results: Results) -> None:
    assert "1 8.00 62% 19 4%" in printed(results)
    assert "64 30.00 17% 320 64%" in printed(results)


def test_long_text_with_its_share(results: Results) -> None:
    assert "first audio, ms 70 75" in printed(results)
    assert "its share at 32 at once, s 5.00" in printed(results)


def test_memory(results: Results) -> None:
    assert "engine 1.10" in printed(results)


def test_verdicts(results: Results) -> None:
    assert "memory ≤ 1.2 GB with 64 slots 1.10 GB met" in printed(results)


def test_synthetic_weights_are_named(results: Results) -> None:
    assert any("synthetic: random weights, which make noise" in line for line in printed(results))


def test_what_was_not_measured_has_no_table() -> None:
    results = empty_results()
    assert len(list(tables(results))) == 1
    results.engine.whole = [speed(1, 3.0)]
    assert "1 3.0" in printed(results)


def test_files_of_a_complete_run(results: Results, tmp_path: Path) -> None:
    files = save_report(results, tmp_path / "new", "engine-cpu")
    assert [file.name for file in files] == [
        "engine-cpu.json",
        "engine-cpu-throughput.png",
        "engine-cpu-first-audio.png",
    ]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files[1:])


def test_json_holds_figures_conditions_and_verdicts(results: Results, tmp_path: Path) -> None:
    results.verdicts = judge_engine(results)
    file, *_ = save_report(results, tmp_path, "engine-cpu")
    content = json.loads(file.read_text())
    assert content["engine"]["whole"][1]["times_real_time"] == 60.0
    assert content["facts"]["commit"] == "abc1234"
    assert content["verdicts"][-1] == {
        "target": "memory ≤ 1.2 GB with 64 slots",
        "value": "1.10 GB",
        "outcome": "met",
    }


def test_nothing_is_drawn_of_what_was_not_measured(results: Results, tmp_path: Path) -> None:
    results.engine.streaming = []
    assert not [file for file in save_report(results, tmp_path, "x") if "first-audio" in file.name]
