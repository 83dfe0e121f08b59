"""The whole benchmark, as small as possible."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "perf", "engine"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=280)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_quick_run(tmp_path: Path, small_checkpoint: Path) -> None:
    done = run("--quick", "--checkpoint", str(small_checkpoint), "--device", "cpu", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "synthetic: random weights, which make noise" in done.stdout
    content = json.loads((tmp_path / "engine-cpu.json").read_text())
    for contender in ("engine", "upstream"):
        assert all(figure["times_real_time"] > 0 for figure in content[contender]["whole"])
        assert all(figure["first_audio_p50"] > 0 for figure in content[contender]["streaming"])
        assert content[contender]["memory"]["resident"] > 100e6
    assert [figure["concurrency"] for figure in content["engine"]["whole"]] == [1, 4]
    # Both speak the same text, so a second of audio is the same work.
    ours, theirs = (content[contender]["whole"][0]["repeats"][0]["audio"] for contender in ("engine", "upstream"))
    assert ours == pytest.approx(theirs, rel=0.1)
    assert content["burst"]["newcomers"] == 4
    assert content["long_text"]["whole"] > 0
    assert content["machine"]["read_bandwidth"] > 1e9
    assert content["steps"]["decode"]
    assert content["verdicts"]
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_checkpoint_that_is_not_there(tmp_path: Path) -> None:
    done = run("--checkpoint", str(tmp_path / "missing"))
    assert done.returncode == 1
    assert re.search("no checkpoint directory .*missing", done.stderr)
    assert "Traceback" not in done.stderr


def test_a_list_that_has_no_numbers() -> None:
    done = run("--streams", "1,many")
    assert done.returncode == 2
    assert "not a list of numbers" in done.stderr
