"""The run on a GPU, as far as a processor can show that it works."""

import time
from pathlib import Path

import pytest

from engine.loading import load_engine
from engine.settings import EngineSettings
from perf.experiments.gpu import GpuResults, Measurement, Sizes
from perf.load_generators.core_load import CoreLoad
from perf.load_generators.speech_load import LoadFailed
from perf.report.results import save

SMALL = Sizes(slots=(2, 4), rows=(1, 2), clips_per_slot=2, streams=2, stream_seconds=1.5)
TEXT = "The quick brown fox jumps over the lazy dog, and so on."


def measurement(checkpoint: Path, folder: Path, deadline: float) -> Measurement:
    return Measurement(checkpoint, "cpu", SMALL, lambda measured: save(folder / "gpu.json", measured), deadline)


def test_all_parts_are_measured(tiny_checkpoint: Path, tmp_path: Path) -> None:
    measured = measurement(tiny_checkpoint, tmp_path, time.monotonic() + 3600)
    measured.run()
    results: GpuResults = measured.results
    assert results.differences is not None
    assert max(vars(results.differences).values()) <= 1e-5
    assert results.steps is not None
    assert [step.rows for step in results.steps.decode] == [1, 2]
    assert results.prompts is not None
    assert len(results.prompts.first) == len(results.prompts.again) == 40
    assert [(each.slots, each.clips) for each in results.throughput] == [(2, 2), (2, 4), (4, 4), (4, 8)]
    assert [(each.at_once, each.slots) for each in results.streams] == [(2, 4)]
    assert results.streams[0].first_audio is not None
    assert results.kernels[0].milliseconds > 0
    assert list(results.seconds) == ["kernels", "differences", "steps", "prompts", "2 slots", "4 slots"]
    assert measured.path.exists()


def test_a_run_that_is_cut_keeps_what_it_has(tiny_checkpoint: Path, tmp_path: Path) -> None:
    measured = measurement(tiny_checkpoint, tmp_path, time.monotonic() - 1)
    measured.run()
    assert measured.results.seconds == {}
    assert '"differences": null' in (tmp_path / "gpu.json").read_text()


def test_listeners_hear_one_text_after_the_other(tiny_checkpoint: Path) -> None:
    load = CoreLoad(load_engine(EngineSettings(checkpoint=str(tiny_checkpoint), threads=1, slots=4)), [TEXT])
    heard = load.streams(2, seconds=3.0)
    assert len(heard) >= 2
    assert all(stream.audio > 0 for stream in heard)
    assert load.first_audio() < 5


def test_a_request_that_fails_ends_the_measurement(tiny_checkpoint: Path) -> None:
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), threads=1, slots=4, first_audio_deadline=1e-9)
    with pytest.raises(LoadFailed, match="no audio was made"):
        CoreLoad(load_engine(settings), [TEXT]).throughput(1)
