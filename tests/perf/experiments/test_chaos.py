"""The effects of a killed engine on listeners, and the judgement of them."""

import asyncio
import signal

import pytest

from measuring.verdicts import Outcome
from perf.experiments import chaos
from perf.experiments import chaos as outages
from perf.experiments.chaos import Fault, GaveUp, Outage, broken_promises, inject
from perf.load_generators.chaos_listeners import ChaosStatus, Listeners, reference_sizes, status_of
from perf.load_generators.http_exchange import Delivery, Ending, Exchange
from perf.servers.served import ENGINE, Served, name_by_arguments

KILL = Fault("kill -9 of the engine", ENGINE, signal.SIGKILL, target=3.0)


def answer(status: int | None, ending: Ending, body: bytes = b"") -> Exchange:
    return Exchange(0.0, 1.0, ending, status, body=bytearray(body), size=len(body))


@pytest.mark.parametrize(
    ("result", "delivery", "expected"),
    [
        (answer(200, Ending.COMPLETE, b"1234"), Delivery.STREAM, ChaosStatus.SPOKEN),
        (answer(200, Ending.COMPLETE, b"12"), Delivery.STREAM, ChaosStatus.MISLED),
        (answer(200, Ending.CUT, b"12"), Delivery.STREAM, ChaosStatus.CUT),
        (answer(200, Ending.COMPLETE, b'data: {"type":"speech.audio.error"}\n\n'), Delivery.EVENTS, ChaosStatus.MISLED),
        (answer(200, Ending.CUT, b'data: {"type":"speech.audio.error"}\n\n'), Delivery.EVENTS, ChaosStatus.CUT),
        (answer(429, Ending.COMPLETE), Delivery.STREAM, ChaosStatus.REFUSED),
        (answer(503, Ending.COMPLETE, b"unavailable"), Delivery.STREAM, ChaosStatus.LOST),
        (answer(500, Ending.COMPLETE, b"the engine died twice while"), Delivery.STREAM, ChaosStatus.QUARANTINED),
        (answer(None, Ending.UNANSWERED), Delivery.STREAM, ChaosStatus.LOST),
        (answer(None, Ending.LATE), Delivery.STREAM, ChaosStatus.LOST),
    ],
)
def test_each_status_is_recognised(result: Exchange, delivery: Delivery, expected: ChaosStatus) -> None:
    assert status_of(result, delivery, size=4) == expected


def test_a_kill_without_harm_breaks_no_promise() -> None:
    assert broken_promises(KILL, [2.9], {ChaosStatus.SPOKEN: 9, ChaosStatus.CUT: 2, ChaosStatus.REFUSED: 1}) == []


@pytest.mark.parametrize("harm", [ChaosStatus.LOST, ChaosStatus.QUARANTINED, ChaosStatus.MISLED])
def test_one_request_that_came_to_harm_breaks_a_promise(harm: ChaosStatus) -> None:
    assert broken_promises(KILL, [1.0], {ChaosStatus.SPOKEN: 9, harm: 1}) == [f"1 {harm}"]


def test_silence_is_judged() -> None:
    assert broken_promises(KILL, [3.1], {}) == ["silent for 3.1 s, 3 s are promised"]
    assert broken_promises(KILL, [None], {}) == ["no audio arrived in time"]


def test_only_the_promises_about_a_fault_count() -> None:
    triton = Fault("kill -9 of tritonserver", "tritonserver", signal.SIGKILL, 15.0, keeps_waiting_requests=False)
    assert broken_promises(triton, [14.0], {ChaosStatus.LOST: 30}) == []
    row = Fault("kills", ENGINE, signal.SIGKILL, 3.0, times=2, allows_quarantine=True)
    assert broken_promises(row, [1.0, 1.0], {ChaosStatus.QUARANTINED: 1}) == []
    assert broken_promises(row, [1.0], {}) == ["no audio arrived in time"]


def test_the_table_has_a_line_for_each_outage_and_each_complaint() -> None:
    met = Outage("a kill", 3.0, (1.0, 1.25), {ChaosStatus.SPOKEN: 8, ChaosStatus.CUT: 1}, (), Outcome.MET)
    missed = Outage("a stop", 10.0, (None,), {ChaosStatus.LOST: 2}, ("no audio arrived",), Outcome.MISSED)
    lines = chaos.table([met, missed]).splitlines()
    assert lines[2] == "| a kill | 1.2 | 3 | 9 | 8 | 1 | 0 | 0 | 0 | 0 | met |"
    assert lines[3] == "| a stop | until the end | 10 | 2 | 0 | 0 | 0 | 2 | 0 | 0 | missed |"
    assert lines[5] == "- a stop: no audio arrived"


def test_processes_are_named_by_what_they_do() -> None:
    stub = ["/cache/triton_python_backend_stub", "/models/soprano_stream/1/model.py", "region"]
    assert name_by_arguments(stub) == "stub of soprano_stream"
    assert name_by_arguments(["python", "-P", "-m", "proxy"]) == "proxy"
    assert (
        name_by_arguments(["python", "-I", "-S", "/launch/process/tether.py", "9", "python", "-P", "-m", "proxy"])
        == "tether"
    )
    assert name_by_arguments([]) == ""


def test_a_killed_engine_is_replaced_and_costs_nobody_else_anything(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_LEAD", 1.0)
    monkeypatch.setattr(outages, "_TAIL", 0.5)
    said = ("Hello there.", "One more sentence, which is a little longer than the first.")

    async def run() -> Outage:
        sizes = await reference_sizes(served, said)
        # A long target: this test does not judge how long a start takes on a busy machine.
        fault = Fault("kill", ENGINE, signal.SIGKILL, target=60.0)
        return await inject(served, fault, Listeners(served, 4.0, said, sizes), 60.0, GaveUp.IS_BROKEN)

    killed = served.pid_of(ENGINE)
    outage = asyncio.run(run())
    assert served.pid_of(ENGINE) != killed
    assert outage.outcome is Outcome.MET, outage
    assert outage.requests[ChaosStatus.SPOKEN] >= 1
