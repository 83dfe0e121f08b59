"""One Triton for each device."""

from pathlib import Path

import pytest

from launch.errors import InvalidSetting
from launch.triton import fleet
from launch.triton.fleet import for_devices, uses_gpu
from launch.triton.settings import TritonSettings


@pytest.mark.parametrize("device", [None, "cuda:1"])
def test_one_device_is_one_triton_on_the_usual_ports(device: str | None) -> None:
    ((name, settings),) = for_devices(TritonSettings(), device)
    assert name == "Triton"
    assert settings.ports == TritonSettings().ports
    assert settings.environment.get("SOPRANO_DEVICE") == device


def test_each_further_one_has_its_own_device_and_ports() -> None:
    tritons = for_devices(TritonSettings(environment={"SOPRANO_SLOTS": "8"}), "cuda:0, cuda:1")
    assert [name for name, _ in tritons] == ["Triton 1 of 2 (cuda:0)", "Triton 2 of 2 (cuda:1)"]
    assert [settings.environment["SOPRANO_DEVICE"] for _, settings in tritons] == ["cuda:0", "cuda:1"]
    assert [settings.environment["SOPRANO_SLOTS"] for _, settings in tritons] == ["8", "8"]
    assert [settings.grpc_port for _, settings in tritons] == [8001, 8011]


def test_any_free_ports_are_different_ones() -> None:
    tritons = for_devices(TritonSettings(http_port=0, grpc_port=0, metrics_port=0), "cpu,cpu,cpu")
    ports = [port for _, settings in tritons for port in settings.ports.values()]
    assert len(set(ports)) == 9
    assert all(ports)


@pytest.mark.parametrize(
    ("driver", "devices", "gpu"),
    [
        (True, None, True),
        (True, "auto", True),
        (True, "cuda:0,cuda:1", True),
        (True, "cpu", False),
        (False, None, False),
        (False, "cuda:0", False),
    ],
)
def test_a_gpu_needs_its_driver(
    driver: bool, devices: str | None, gpu: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "nvidiactl"
    if driver:
        file.touch()
    monkeypatch.setattr(fleet, "NVIDIA_DRIVER", file)
    assert uses_gpu(devices) is gpu


def test_a_name_that_is_missing_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="empty name"):
        for_devices(TritonSettings(), "cuda:0,")
