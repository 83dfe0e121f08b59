from pathlib import Path

import pytest
from matplotlib.figure import Figure

from perf.measurements import Load, Series
from perf.report.results import LoadResults
from perf.report.server_plots import draw_latency, draw_throughput, save_plots
from tests.perf.invented import complete_results, empty_results, point, series, tuning

ALL = ["throughput", "latency", "first-audio", "listeners", "saturation", "batching", "stages"]


def drawn(directory: Path, results: LoadResults) -> list[str]:
    return [file.stem for file in save_plots(directory, results)]


def test_a_picture_of_everything(tmp_path: Path) -> None:
    files = save_plots(tmp_path, complete_results(), tuning())
    tuned = ["tuning-soprano-slots", "tuning-max-queue-delay-microseconds-of-soprano"]
    assert [file.name for file in files] == [f"{name}.png" for name in ALL + tuned]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_no_picture_of_what_was_not_measured(tmp_path: Path) -> None:
    results = empty_results()
    results.formats = [series("mp3", 20.0)]
    results.stages = [Series("bare engine", ())]
    assert drawn(tmp_path, results) == []


@pytest.mark.parametrize(
    ("part", "pictures"),
    [
        ("whole", ["throughput", "latency"]),
        ("whole_rates", ["latency"]),
        ("streamed", ["throughput", "first-audio"]),
        ("speech", ["throughput", "first-audio", "listeners"]),
        ("speech_rates", ["listeners", "saturation"]),
        ("alternatives", ["batching"]),
        ("batching", ["batching"]),
    ],
)
def test_each_part_is_drawn_without_the_others(part: str, pictures: list[str], tmp_path: Path) -> None:
    results = empty_results()
    setattr(results, part, getattr(complete_results(), part))
    assert drawn(tmp_path, results) == pictures


def test_a_server_that_refused_everything(tmp_path: Path) -> None:
    nothing = point(Load(4), 0.0, spoken=0, refused=10, silent=True)
    results = empty_results()
    results.whole = results.streamed = results.speech = [nothing]
    results.whole_rates = results.speech_rates = [point(Load(rate=2.0), 0.0, spoken=0, refused=10, silent=True)]
    results.alternatives = results.batching = results.stages = [Series("ours", (nothing,)), Series("other", (nothing,))]
    assert drawn(tmp_path, results) == ["listeners", "batching", "stages"]


def test_what_made_no_audio_is_left_out_beside_what_did() -> None:
    results = complete_results()
    results.whole = [point(Load(16), 0.0, spoken=0, refused=10, silent=True)]
    results.alternatives.append(Series("broken", tuple(results.whole)))
    figure = Figure()
    draw_latency(results, figure)
    assert [axes.get_title() for axes in figure.axes] == ["Latency of whole clips, by rate"]
    figure = Figure()
    draw_throughput(results, figure)
    _, labels = figure.axes[0].get_legend_handles_labels()
    assert labels[:3] == ["streamed, gRPC", "OpenAI's endpoint", "upstream's server"]
    assert "broken" not in labels
