"""What suits a device."""

from types import SimpleNamespace

import pytest
import torch

from engine.runtime.device import slots_of


@pytest.mark.parametrize(("gigabytes", "slots"), [(1, 64), (8, 256), (24, 768), (80, 1024)])
def test_a_gpu_has_as_many_slots_as_it_has_room_for(
    monkeypatch: pytest.MonkeyPatch, gigabytes: int, slots: int
) -> None:
    properties = SimpleNamespace(total_memory=gigabytes << 30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    assert slots_of(torch.device("cuda")) == slots


def test_a_cpu_has_few() -> None:
    assert slots_of(torch.device("cpu")) == 64
