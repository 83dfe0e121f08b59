"""What suits a device."""

from types import SimpleNamespace

import pytest
import torch
from triton.runtime import driver

from engine.kernels.operators import FusedOperators
from engine.model.operators import Operators
from engine.runtime.device import operators_of, slots_of


@pytest.mark.parametrize(("gigabytes", "slots"), [(1, 64), (8, 256), (24, 768), (80, 1024)])
def test_a_gpu_has_as_many_slots_as_it_has_room_for(
    monkeypatch: pytest.MonkeyPatch, gigabytes: int, slots: int
) -> None:
    properties = SimpleNamespace(total_memory=gigabytes << 30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    assert slots_of(torch.device("cuda")) == slots


def test_a_cpu_has_few() -> None:
    assert slots_of(torch.device("cpu")) == 64


def test_a_cpu_needs_no_kernels() -> None:
    assert type(operators_of(torch.device("cpu"))) is Operators


def test_an_old_gpu_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (7, 5))
    assert type(operators_of(torch.device("cuda"))) is Operators


def test_without_a_working_triton_a_gpu_has_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    assert type(operators_of(torch.device("cuda"))) is Operators
    assert "kernels cannot be compiled: 0 active drivers" in caplog.text


def test_a_gpu_has_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    monkeypatch.setattr(driver, "_active", object())
    assert type(operators_of(torch.device("cuda"))) is FusedOperators
