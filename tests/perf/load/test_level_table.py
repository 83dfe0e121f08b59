import csv
from pathlib import Path

from perf.load.level_table import HEADINGS, save_level_table
from perf.load.results import LoadResults, TuningResults
from tests.perf.load.invented import CLIENTS, complete_results, empty_results, series, tuning


def lines(tmp_path: Path, results: LoadResults, tuning: TuningResults | None = None) -> list[dict[str, str]]:
    with save_level_table(tmp_path / "load.csv", results, tuning).open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_line_for_each_level(tmp_path: Path) -> None:
    parts = [line["part"] for line in lines(tmp_path, complete_results(), tuning())]
    assert parts.count("streamed") == len(CLIENTS)
    assert parts.count("alternatives") == 4 * 3
    assert parts.count("tuning SOPRANO_SLOTS") == 4 * 3


def test_a_line_has_every_figure_and_leaves_open_what_has_no_value(tmp_path: Path) -> None:
    results = empty_results()
    results.batching = [series("on", 20.0, 10.0)]
    _, line = lines(tmp_path, results)
    assert tuple(line) == HEADINGS
    assert [line[name] for name in ("series", "repeat", "clients", "rate")] == ["on", "2", "16", ""]
    assert [float(line[name]) for name in ("times_real_time", "latency_p50", "stalled")] == [10.0, 8.0, 0.0]
    assert line["gap_p95"] == ""
