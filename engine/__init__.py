"""Batched Soprano inference: text in, audio out. Independent of Triton and of HTTP.

with Engine(EngineSettings(checkpoint="…")) as engine:
    for chunk in engine.submit(SpeechRequest("Hello there.")):
        play(chunk.samples)

The names are imported on first use: only `Engine` loads PyTorch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.client import EngineClient
    from engine.engine import Engine
    from engine.request import SamplingParameters, SpeechRequest
    from engine.settings import EngineSettings

__all__ = ["Engine", "EngineClient", "EngineSettings", "SamplingParameters", "SpeechRequest"]

_MODULES = {
    "Engine": "engine.engine",
    "EngineClient": "engine.client",
    "EngineSettings": "engine.settings",
    "SamplingParameters": "engine.request",
    "SpeechRequest": "engine.request",
}


if not TYPE_CHECKING:  # a module with `__getattr__` would have every name for a type checker

    def __getattr__(name: str) -> object:
        """Import a public name on first use (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name]), name)
