"""The load tests and the sweeps, as small as possible."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def run(experiment: str, *arguments: str, timeout: float = 280) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "perf", experiment, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)


@pytest.mark.full
@pytest.mark.timeout(1900)
def test_quick_run(tmp_path: Path, small_checkpoint: Path) -> None:
    chosen = ("--quick", "--checkpoint", str(small_checkpoint), "--results", str(tmp_path))
    done = run("server", *chosen, timeout=900)
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "load.json").read_text())
    assert content["failures"] == {}
    assert [point["load"]["clients"] for point in content["whole"]] == [1, 4]
    for part in ("formats", "alternatives", "stages", "batching"):
        for series in content[part]:
            assert series["points"][0]["times_real_time"] > 0
            assert series["points"][0]["failed"] == 0
    done = run("sweep", *chosen, "--setting", "SOPRANO_SLOTS", "--setting", "max_batch_size", timeout=900)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "RESULTS.md").read_text()
    assert "Cost of each stage" in page
    assert "SOPRANO_SLOTS" in page


@pytest.mark.timeout(300)
def test_one_part_of_it(tmp_path: Path, small_checkpoint: Path) -> None:
    chosen = ("--quick", "--part", "whole", "--checkpoint", str(small_checkpoint), "--results", str(tmp_path))
    done = run("server", *chosen)
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "load.json").read_text())
    assert all(point["spoken"] >= 4 for point in content["whole"])
    assert content["tools"]["perf_analyzer"]
    assert "Not measured" in (tmp_path / "RESULTS.md").read_text()


@pytest.mark.parametrize("experiment", ["server", "sweep"])
def test_checkpoint_that_is_not_there(experiment: str, tmp_path: Path) -> None:
    done = run(experiment, "--checkpoint", str(tmp_path / "missing"), "--results", str(tmp_path))
    assert done.returncode == 1
    assert "no checkpoint directory" in done.stderr
    assert "Traceback" not in done.stderr
