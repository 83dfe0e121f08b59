"""The device of the engine, its precision, and the operators that it runs."""

import logging
import subprocess

import torch

from engine.errors import InvalidSettings
from engine.model.operators import Operators
from engine.settings import PREFIX

_SLOTS_OF_CPU = 64
_MOST_SLOTS = 1024
_SLOT_BYTES = 8 << 20  # keys and values of 846 positions, and what a decoder call takes
_SHARE_FOR_SLOTS = 0.25  # of the device's memory
_LEAST_CAPABILITY = (8, 0)  # of a GPU that the kernels are compiled for in the tests
_log = logging.getLogger(__name__)


def slots_of(device: torch.device) -> int:
    """Return how many slots suit a device: more raise the throughput of a GPU, and the latency of a CPU."""
    if device.type == "cpu":
        return _SLOTS_OF_CPU
    memory = torch.cuda.get_device_properties(device).total_memory
    fitting = int(_SHARE_FOR_SLOTS * memory / _SLOT_BYTES) // _SLOTS_OF_CPU * _SLOTS_OF_CPU
    return max(_SLOTS_OF_CPU, min(fitting, _MOST_SLOTS))


def torch_device(name: str) -> torch.device:
    """Return the device `name`; `auto` is a GPU if there is one, else the CPU.

    Raises `InvalidSettings` if the device is unknown or not present.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InvalidSettings(f"{PREFIX}DEVICE={name} is not a device; use auto, cpu or cuda:0") from error
    if device.type not in ("cpu", "cuda"):
        raise InvalidSettings(f"{PREFIX}DEVICE={name} is not supported; use auto, cpu or cuda:0")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InvalidSettings(f"{PREFIX}DEVICE={name}, but PyTorch finds no such GPU; use cpu or auto")
    return device


def torch_dtype(name: str, device: torch.device) -> torch.dtype:
    """Return the precision of weights and cache; `auto` is bfloat16 if `device` supports it, else float32."""
    if name != "auto":
        return torch.float32 if name == "float32" else torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32


def operators_of(device: torch.device) -> Operators:
    """Return the operators of the models: kernels on a GPU, if Triton can compile them there.

    Triton comes with PyTorch's builds for GPUs. It needs a C compiler and Python's headers, once.
    """
    if device.type != "cuda" or torch.cuda.get_device_capability(device) < _LEAST_CAPABILITY:
        return Operators()
    try:
        from triton.runtime import driver

        _ = driver.active
    except (ImportError, RuntimeError, AssertionError, OSError, subprocess.CalledProcessError) as error:
        _log.warning("decode steps take longer than they need to, since Triton's kernels cannot be compiled: %s", error)
        return Operators()
    from engine.kernels.operators import FusedOperators

    return FusedOperators()
