"""Load on the bare engine."""

from pathlib import Path

import pytest

from measuring.worker import Worker
from perf.load_generators.driver import EngineLoad
from perf.measurements import Load, RequestResult, Status

TEXTS = ["Hello.", "The quick brown fox jumps over the lazy dog."]
ENVIRONMENT = {"SOPRANO_DTYPE": "float32", "SOPRANO_THREADS": "1", "SOPRANO_MAX_WAIT": "600"}


def run(checkpoint: Path, load: Load, *, whole: bool = False, **environment: str) -> list[RequestResult]:
    with Worker("engine", EngineLoad, str(checkpoint), ENVIRONMENT | environment) as engine:
        return engine.call(EngineLoad.run, load, 5, TEXTS, whole=whole)


def most_open(results: list[RequestResult]) -> int:
    return max(sum(other.sent <= each.sent < other.ended for other in results) for each in results)


def test_each_client_keeps_one_request_open(tiny_checkpoint: Path) -> None:
    results = run(tiny_checkpoint, Load(clients=2))
    assert [result.status for result in results] == [Status.SPOKEN] * 5
    assert most_open(results) == 2


def test_arrivals_do_not_wait_for_responses(tiny_checkpoint: Path) -> None:
    assert most_open(run(tiny_checkpoint, Load(rate=10_000.0))) > 2


@pytest.mark.parametrize("whole", [False, True])
def test_a_whole_clip_is_one_chunk_and_as_long_as_its_stream(tiny_checkpoint: Path, whole: bool) -> None:
    streams = [result.stream for result in run(tiny_checkpoint, Load(clients=1), whole=whole) if result.stream]
    assert [round(stream.audio, 6) for stream in streams[:2]] == [round(stream.audio, 6) for stream in streams[2:4]]
    assert [len(stream.arrivals) == 1 for stream in streams] == [whole] * 5


def test_requests_above_the_capacity_are_refused(tiny_checkpoint: Path) -> None:
    statuses = [result.status for result in run(tiny_checkpoint, Load(rate=10_000.0), SOPRANO_MAX_REQUESTS="1")]
    assert statuses.count(Status.REFUSED) >= 1
    assert statuses.count(Status.SPOKEN) >= 1
    assert len(statuses) == 5
