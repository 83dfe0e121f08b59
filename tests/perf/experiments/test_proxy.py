"""The proxy's benchmark, as small as possible."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perf.experiments.proxy import encoder_cost
from perf.servers.replay import RATE, chunks, clip
from proxy.audio.formats import AUDIO_FORMATS
from tests.proxy.listening import Heard


@pytest.mark.timeout(300)
def test_small_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "perf", "proxy", "--clips", "1", "--repeats", "2", "--results", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "proxy.json").read_text())
    assert {cost["format"] for cost in content["costs"]} == set(AUDIO_FORMATS)
    assert all(cost["proxy"] > 0 and cost["encoder"] > 0 for cost in content["costs"])
    assert all(first["proxied_p50"] > 0 for first in content["first_audio"])


def test_encoding_costs_more_than_copying() -> None:
    assert encoder_cost("mp3", 1.0, 5.0) > encoder_cost("wav", 1.0, 5.0)


def test_clip_is_cut_without_loss_and_is_no_silence() -> None:
    samples = clip(2.0)
    assert sum(map(len, chunks(samples))) == len(samples) == 2 * RATE
    assert Heard(samples / 32768, RATE).amplitude() == pytest.approx(0.2, abs=0.15)


@pytest.mark.timeout(300)
def test_small_run_of_streams(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "perf", "proxy-streams", "--seconds", "1", "--most", "10"]
    done = subprocess.run(
        [*command, "--results", str(tmp_path)], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    loads = json.loads((tmp_path / "proxy-streams.json").read_text())["loads"]
    assert [(load["format"], load["workers"]) for load in loads] == [("pcm", 1), ("mp3", 1), ("pcm", 2), ("mp3", 2)]
    assert all(load["streams"] == 10 and load["cores"] > 0 for load in loads)
    # A stand-in that delivered faster than in real time would have no gaps of a chunk's length.
    assert all(load["gap"]["p50"] == pytest.approx(0.32, abs=0.1) for load in loads)
