"""What the engine computes on, and in which precision."""

import torch

from engine.errors import InvalidSettings
from engine.settings import PREFIX


def torch_device(name: str) -> torch.device:
    """Return the device that `name` means, where `auto` is a GPU if there is one.

    Raises `InvalidSettings` if it is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InvalidSettings(f"{PREFIX}DEVICE={name} is no device; say auto, cpu or cuda:0") from error
    if device.type not in ("cpu", "cuda"):
        raise InvalidSettings(f"{PREFIX}DEVICE={name} is not supported; say auto, cpu or cuda:0")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InvalidSettings(f"{PREFIX}DEVICE={name}, but PyTorch finds no such GPU; say cpu or auto")
    return device


def torch_dtype(name: str, device: torch.device) -> torch.dtype:
    """Return the precision of weights and cache on `device`: `auto` is bfloat16 where the processor computes in it."""
    if name != "auto":
        return torch.float32 if name == "float32" else torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32
