"""The figures of a run with two Tritons."""

import time

from measuring.stream import Arrival, Stream
from perf.experiments.failover import Timeline, table
from perf.measurements import RequestResult, Status


def spoken(sent: float, first_audio: float) -> RequestResult:
    return RequestResult(sent, sent + 1.0, Status.SPOKEN, Stream(sent, (Arrival(sent + first_audio, 2.0),)))


def test_requests_count_where_they_were_sent() -> None:
    timeline = Timeline([("both", 100.0), ("one killed", 120.0), ("back", 140.0)])
    results = [
        spoken(99.9, 0.1),  # sent just before the first phase began
        spoken(119.0, 0.2),
        RequestResult(121.0, 122.0, Status.FAILED),
        RequestResult(122.0, 122.1, Status.REFUSED),
        spoken(123.0, 0.5),
        spoken(141.0, 0.1),
    ]
    both, killed, back = timeline.phases(results)
    assert (both.name, both.spoken, both.failed) == ("both", 2, 0)
    assert (killed.spoken, killed.refused, killed.failed) == (1, 1, 1)
    assert killed.first_audio is not None
    assert round(killed.first_audio.p99, 3) == 0.5
    assert back.spoken == 1


def test_phases_begin_when_they_are_entered() -> None:
    timeline = Timeline()
    before = time.perf_counter()
    timeline.enter("both")
    ((name, begin),) = timeline.begins
    assert name == "both"
    assert before <= begin <= time.perf_counter()


def test_the_table_has_a_line_for_each_phase() -> None:
    phases = Timeline([("both", 0.0), ("one killed", 10.0)]).phases(
        [spoken(1.0, 0.25), RequestResult(11.0, 12.0, Status.FAILED)]
    )
    lines = table({"one of two is killed": phases}).splitlines()
    assert lines[2] == "| one of two is killed: both | 1 | 1 | 0 | 0 | 0.25, 0.25 |"
    assert lines[3] == "| one of two is killed: one killed | 1 | 0 | 0 | 1 |  |"
