"""Several Tritons on one machine: one for each GPU."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from launch.errors import InvalidSetting
from launch.process import ports
from launch.triton.settings import TritonSettings

NVIDIA_DRIVER = Path("/dev/nvidiactl")
"""The file by which programs reach NVIDIA's driver."""

_PORT_STEP = 10  # from the ports of one Triton to those of the next


def for_devices(settings: TritonSettings, devices: str | None) -> list[tuple[str, TritonSettings]]:
    """Return a name and settings for each of `devices`, which are separated by commas.

    The first Triton has the ports of `settings`, and each further one ports that are higher by ten; port 0 means any
    free port. Raises `InvalidSetting`.
    """
    names = devices.split(",") if devices else []
    if len(names) < 2:
        return [("Triton", replace(settings, environment=_on(settings, devices)))]
    if not all(name.strip() for name in names):
        raise InvalidSetting(f"--device {devices} has an empty name in it: write cuda:0,cuda:1")
    free = iter(ports.find_free(settings.address, 3 * len(names)))
    return [
        (f"Triton {index + 1} of {len(names)} ({name.strip()})", _shifted(settings, name.strip(), index, free))
        for index, name in enumerate(names)
    ]


def uses_gpu(devices: str | None) -> bool:
    """Whether all of `devices` are GPUs, as far as this can be told without PyTorch."""
    return NVIDIA_DRIVER.exists() and "cpu" not in (devices or "")


def _shifted(settings: TritonSettings, device: str, index: int, free: Iterator[int]) -> TritonSettings:
    def shifted(port: int) -> int:
        return port + index * _PORT_STEP if port else next(free)

    return replace(
        settings,
        environment=_on(settings, device),
        http_port=shifted(settings.http_port),
        grpc_port=shifted(settings.grpc_port),
        metrics_port=shifted(settings.metrics_port),
    )


def _on(settings: TritonSettings, device: str | None) -> Mapping[str, str]:
    return settings.environment if device is None else {**settings.environment, "SOPRANO_DEVICE": device}
