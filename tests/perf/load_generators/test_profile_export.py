import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from measuring.stream import Arrival, Stream
from perf.load_generators.perf_analyzer import read_results
from perf.load_generators.perf_analyzer_installation import UnreadableExport
from perf.measurements import RequestResult, Status

SECOND = 1_000_000_000
RATE = 32000


def answer(samples: int, **others: object) -> dict[str, object]:
    return {"sentences": "[]", "usage": [17, 26], "sample_rate": RATE, "audio": [-7] * samples, **others}


def request(sent: int, *answers: tuple[int, dict[str, object]], text: str = "Hello.") -> dict[str, object]:
    """A request as perf_analyzer writes it, and its answers, with times in seconds."""
    return {
        "timestamp": sent * SECOND,
        "request_inputs": {"text": text},
        "response_timestamps": [time * SECOND for time, _ in answers],
        "response_outputs": [output for _, output in answers],
    }


def export(file: Path, *experiments: list[dict[str, object]]) -> Path:
    content: dict[str, Any] = {
        "experiments": [
            {"experiment": {"mode": "concurrency", "value": 2}, "requests": requests, "window_boundaries": [1, 2]}
            for requests in experiments
        ],
        "version": "",
        "service_kind": "triton",
        "endpoint": "",
    }
    file.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.json"


def spoken(sent: float, *chunks: tuple[float, float], ended: float | None = None) -> RequestResult:
    """Chunks as (time, seconds of audio)."""
    stream = Stream(sent, tuple(Arrival(time, audio) for time, audio in chunks))
    return RequestResult(sent, ended or stream.ended, Status.SPOKEN, stream)


def test_whole_clip_is_a_stream_of_one_chunk(file: Path) -> None:
    export(file, [request(10, (12, answer(16000)))])
    assert read_results(file) == [spoken(10, (12, 0.5))]


def test_chunks_have_times_of_their_own(file: Path) -> None:
    export(file, [request(10, (11, answer(3200)), (12, answer(6400)), (14, answer(320)))])
    assert read_results(file) == [spoken(10, (11, 0.1), (12, 0.2), (14, 0.01))]


def test_outcomes_of_all_experiments_are_in_the_order_of_sending(file: Path) -> None:
    export(
        file,
        [request(10, (12, answer(32000))), request(14, (15, answer(32000))), request(11, (13, answer(32000)))],
        [request(20, (21, answer(32000)))],
    )
    assert [result.sent for result in read_results(file)] == [10, 11, 14, 20]


@pytest.mark.parametrize("nothing", ["", 0, -32767])
def test_answer_that_only_ends_the_stream_is_no_chunk(file: Path, nothing: object) -> None:
    """Older versions write a meaningless number if there is no audio."""
    export(file, [request(10, (11, answer(3200)), (13, {"sample_rate": nothing, "audio": nothing}))])
    assert read_results(file) == [spoken(10, (11, 0.1), ended=13)]


def test_request_without_audio_has_failed(file: Path) -> None:
    export(file, [request(10, (13, {"sample_rate": "", "audio": ""}))])
    assert read_results(file) == [RequestResult(10, 13, Status.FAILED)]


def test_rate_is_the_models(file: Path) -> None:
    export(file, [request(10, (12, {"audio": [1] * 24000, "sample_rate": 24000}))])
    assert read_results(file) == [spoken(10, (12, 1.0))]


def test_texts_that_look_like_audio_are_no_audio(file: Path) -> None:
    odd = '"audio":[1,2] ] ü "\\'
    export(file, [request(10, (12, answer(16000, sentences=odd)), text=odd)])
    assert read_results(file) == [spoken(10, (12, 0.5))]


def test_samples_are_never_in_memory_all_at_once(file: Path) -> None:
    export(file, [request(second, (second + 1, answer(100_000))) for second in range(1, 41)])
    tracemalloc.start()
    try:
        results = read_results(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(results) == 40
    assert peak < file.stat().st_size / 20


@pytest.mark.parametrize(
    ("length", "why"),
    [(0, "cannot mmap an empty file"), (100, "JSONDecodeError"), (2000, "ends in the middle of audio"), (-2, "JSON")],
)
def test_file_that_is_cut_off(file: Path, length: int, why: str) -> None:
    export(file, [request(10, (12, answer(16000)))])
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(UnreadableExport, match=rf"is not a complete profile export .*{why}"):
        read_results(file)


def test_file_that_is_not_there(file: Path) -> None:
    with pytest.raises(UnreadableExport, match=r"export\.json"):
        read_results(file)


@pytest.mark.parametrize("output", ["audio", "sample_rate"])
def test_model_without_an_output(file: Path, output: str) -> None:
    outputs = answer(16000)
    del outputs[output]
    export(file, [request(10, (12, outputs))])
    with pytest.raises(UnreadableExport, match=f"KeyError: '{output}'"):
        read_results(file)
