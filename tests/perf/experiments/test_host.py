"""The engine on a device that computes nothing: what does not depend on the machine is exact."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch

from perf.experiments.host import (
    Callers,
    HostPoint,
    HostResults,
    SimulatedPoint,
    SimulatedStreams,
    judge,
    listen,
    measure_host,
    simulate,
)
from perf.measurements import Percentiles
from perf.null_device import FUSED, MEASURED, null_engine
from tests.perf.conftest import facts

_TURNS = 30


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_all_slots_are_busy_and_the_decoder_is_called_once_a_turn(tiny_checkpoint: Path) -> None:
    point = measure_host(tiny_checkpoint, 16, 16, turns=40)
    assert point.open_requests == 32
    assert point.busy_rows > 13
    assert point.audio_calls == 1


def test_the_cost_does_not_grow_with_open_requests(tiny_checkpoint: Path) -> None:
    few, many = (work_of_a_turn(tiny_checkpoint, waiting) for waiting in (32, 4000))
    assert many < 1.01 * few  # to look at 4,000 requests in each turn would make it four times as much


def work_of_a_turn(checkpoint: Path, waiting: int) -> float:
    """Return the instructions of Python that the engine executes in a turn, with `waiting` requests queued."""
    engine = null_engine(checkpoint, 32, lambda _: 60)
    callers = Callers(engine)
    callers.submit(32 + waiting)
    executed = 0

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any]:
        nonlocal executed
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        executed += event == "opcode"
        return trace

    for _ in range(_TURNS):
        sys.settrace(trace)
        engine.core.step()
        sys.settrace(None)
        callers.submit(callers.take())
    return executed / _TURNS


def test_a_faster_device_is_used(tiny_checkpoint: Path) -> None:
    slow = simulate(tiny_checkpoint, "measured", MEASURED, 16, 64)
    fast = simulate(tiny_checkpoint, "fused", FUSED, 16, 64)
    assert fast.times_real_time > 1.5 * slow.times_real_time
    assert 0.2 < slow.device_busy <= 1


def test_listeners_hear_texts_without_silence(tiny_checkpoint: Path) -> None:
    heard = listen(tiny_checkpoint, "fused", FUSED, 16, at_once=12, seconds=3.0)
    assert heard.stalled == 0
    assert 0.002 < heard.first_audio.p50 < 0.2


def test_targets_are_judged() -> None:
    points = [HostPoint(1024, 2048, 1000.0, 310.0, 1.0, 5.0), HostPoint(64, 128, 60.0, 100.0, 1.2, 2.0)]
    streams = SimulatedStreams("fused", 1024, 1000, Percentiles(0.03, 0.05, 0.06), stalled=1, host_busy=0.5)
    results = HostResults(facts(), 0.0, points, [SimulatedPoint("fused", 1024, 4096, 20_000.0, 0.9)], [streams])
    outcomes = [verdict.outcome for verdict in judge(results)]
    assert outcomes == ["missed", "met", "missed", "met", "met", "missed"]
