"""The engine on a device that computes nothing: what does not depend on the machine is exact."""

from pathlib import Path

import pytest
import torch

from perf.experiments.host import (
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
from perf.null_device import FUSED, MEASURED
from tests.perf.conftest import facts


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_all_slots_are_busy_and_the_decoder_is_called_once_a_turn(tiny_checkpoint: Path) -> None:
    point = measure_host(tiny_checkpoint, 16, 16, turns=40)
    assert point.open_requests == 32
    assert point.busy_rows > 13
    assert point.audio_calls == 1


def test_the_cost_does_not_grow_with_open_requests(tiny_checkpoint: Path) -> None:
    few = min(measure_host(tiny_checkpoint, 32, 32, turns=40).loops for _ in range(3))
    many = min(measure_host(tiny_checkpoint, 32, 4000, turns=40).loops for _ in range(3))
    assert many < 2 * few  # counting 4,000 requests in each turn would make it three times as much


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
