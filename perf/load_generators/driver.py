"""Ways to put a load on a server or on the engine, and servers that are measured in turn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from measuring.interleaved import run_interleaved
from measuring.worker import Worker
from perf.load_generators.engine_load import EngineLoad
from perf.load_generators.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load_generators.speech_load import run_speech_load
from perf.measurements import Load, LoadPoint, RequestResult, Series
from proxy.audio.formats import FormatName

PATIENT = {"SOPRANO_MAX_WAIT": "3600"}
"""Settings with which no stream is refused: perf_analyzer ends with the first refusal."""


class Driver(Protocol):
    """Sends requests and listens to them."""

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Have `texts` spoken in turn, so many requests in all, and return what became of each."""
        ...


@dataclass(frozen=True)
class TritonDriver:
    """perf_analyzer, on a model of a Triton. Raises `PerfAnalyzerError`."""

    analyzer: PerfAnalyzer
    endpoint: Endpoint

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Have Triton speak."""
        return self.analyzer.run(self.endpoint, load, requests=requests, texts=texts)


@dataclass(frozen=True)
class SpeechDriver:
    """Locust, on OpenAI's endpoint. Raises `LoadFailed`."""

    url: str
    audio_format: FormatName

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Have a speech server speak."""
        return run_speech_load(self.url, load, requests, texts, self.audio_format)


@dataclass(frozen=True)
class EngineDriver:
    """Calls into the bare engine, which runs in a process of its own. Raises `WorkerFailed`."""

    engine: Worker[EngineLoad]
    whole: bool

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Have the engine speak."""
        return self.engine.call(EngineLoad.run, load, requests, list(texts), whole=self.whole)


@dataclass(frozen=True)
class Contender:
    """A server under its load."""

    name: str
    driver: Driver
    load: Load
    requests: int

    def measure(self, texts: Sequence[str]) -> LoadPoint:
        """Put the load on the server once."""
        return LoadPoint.of(self.load, self.driver.run(self.load, self.requests, texts))


def compare_drivers(
    contenders: Sequence[Contender], texts: Sequence[str], repeats: int, say: Callable[[str], None]
) -> list[Series]:
    """Measure each once, then each a second time, and so on, after it has spoken a little unmeasured."""
    for contender in contenders:
        contender.driver.run(Load(clients=2), 2, texts)
    measurements = {each.name: partial(each.measure, texts) for each in contenders}
    return [Series(name, tuple(points)) for name, points in run_interleaved(measurements, repeats, say).items()]
