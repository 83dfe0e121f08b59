"""Engines on the tiny checkpoint."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.engine import Engine
from engine.request import SamplingParameters, SpeechRequest
from engine.settings import EngineSettings

Speak = Callable[..., NDArray[np.float32]]


@pytest.fixture(scope="module")
def engine(tiny_checkpoint: Path) -> Iterator[Engine]:
    # A high limit of the wait, so that no stream is refused on a busy machine.
    with Engine(EngineSettings(checkpoint=str(tiny_checkpoint), dtype="float32", threads=1, max_wait=600)) as engine:
        yield engine


def speak(
    engine: Engine, text: str, *, whole: bool = False, plain: bool | None = None, **sampling: float
) -> NDArray[np.float32]:
    """Return all samples of one request."""
    request = SpeechRequest(text, SamplingParameters(**sampling), whole=whole, plain=plain)  # type: ignore[arg-type]
    return np.concatenate([chunk.samples for chunk in engine.submit(request)])
