"""The speed of the voice and of the full-size model, in the engine on this machine."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from measuring import prose
from measuring.engine_client import EngineClient
from measuring.interleaved import run_interleaved
from measuring.worker import Worker

_REPEATS = 3
_TOGETHER = 16
_SLOTS = 64

Engine = Worker[EngineClient]


@dataclass(frozen=True)
class Speed:
    """The medians of one checkpoint."""

    alone: float  # seconds of audio a second, whole clips, one after the other
    together: float  # seconds of audio a second, sixteen clips at once
    first_audio: float  # seconds until the first chunk of a stream

    @property
    def real_time_factor(self) -> float:
        """Seconds of computation for a second of audio, one clip after the other."""
        return 1 / self.alone


def compare_speeds(
    checkpoints: dict[str, Path], device: str, dtype: str, say: Callable[[str], None]
) -> dict[str, Speed]:
    """Measure each checkpoint in turn, several times. Raises `WorkerFailed`."""
    engines: dict[str, Engine] = {}
    try:
        for name, path in checkpoints.items():
            engines[name] = Worker(name, EngineClient, str(path), device, dtype, _SLOTS, 2 * _TOGETHER)
        measurements = {f"speed, {name}": partial(_measure, engine) for name, engine in engines.items()}
        measured = run_interleaved(measurements, _REPEATS, say)
    finally:
        for engine in engines.values():
            engine.close()
    return {name: _medians(measured[f"speed, {name}"]) for name in engines}


def _measure(engine: Engine) -> Speed:
    texts = prose.sentences_spoken_alone()
    alone = engine.call(EngineClient.alone, texts)
    together = engine.call(EngineClient.together, prose.sentences(_TOGETHER))
    streams = engine.call(EngineClient.stream_alone, texts)
    first = statistics.median(stream.first_audio for stream in streams)
    return Speed(alone.times_real_time, together.times_real_time, first)


def _medians(repeats: list[Speed]) -> Speed:
    return Speed(
        statistics.median(each.alone for each in repeats),
        statistics.median(each.together for each in repeats),
        statistics.median(each.first_audio for each in repeats),
    )
