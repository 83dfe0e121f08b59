"""Drivers that put load on a server or on the engine, and comparisons of servers in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Protocol

from engine.engine import Engine
from engine.errors import Overloaded
from engine.request import SamplingParameters
from engine.settings import EngineSettings
from measuring.engine_client import Listener, Request
from measuring.interleaved import run_interleaved
from measuring.worker import Worker
from perf.load_generators.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load_generators.speech_load import run_speech_load
from perf.measurements import Load, LoadPoint, RequestResult, Series, Status
from perf.workload import arrival_times
from proxy.audio.formats import FormatName

PATIENT = {"SOPRANO_MAX_WAIT": "3600"}
"""Settings with which no stream is refused, because perf_analyzer ends at the first refusal."""


class Driver(Protocol):
    """Sends requests and receives their audio."""

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Send `requests` requests, which use `texts` in turn, and return the result of each."""
        ...


@dataclass(frozen=True)
class TritonDriver:
    """Puts load on a model of Triton with perf_analyzer. Raises `PerfAnalyzerError`."""

    analyzer: PerfAnalyzer
    endpoint: Endpoint

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Send requests to Triton."""
        return self.analyzer.run(self.endpoint, load, requests=requests, texts=texts)


@dataclass(frozen=True)
class SpeechDriver:
    """Puts load on OpenAI's endpoint with Locust. Raises `LoadFailed`."""

    url: str
    audio_format: FormatName

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Send requests to a speech server."""
        return run_speech_load(self.url, load, requests, texts, self.audio_format)


class EngineLoad:
    """An engine and its clients, which `measuring.worker.Worker` keeps in a process of their own."""

    def __init__(self, checkpoint: str, environment: Mapping[str, str]) -> None:
        """Load a checkpoint; `environment` are SOPRANO_ variables for the engine."""
        self._engine = Engine(EngineSettings.from_environment({**environment, "SOPRANO_CHECKPOINT": checkpoint}))

    def run(
        self, load: Load, requests: int, texts: Sequence[str], *, whole: bool = False, seed: int = 0
    ) -> list[RequestResult]:
        """Send `requests` requests, which use `texts` in turn; return their results in the order of sending."""
        listener = Listener(self._engine, sampling=SamplingParameters(), whole=whole)
        said = list(islice(cycle(texts), requests))
        if load.clients is None:
            listener.listen_while_sending(said, at=arrival_times(load.rate or 0.0, seed))
        else:
            left = iter(said[load.clients :])
            listener.send(said[: load.clients])
            listener.listen(until=lambda: listener.all_ended, on_end=lambda: listener.send(islice(left, 1)))
        return [_result(request) for request in listener.requests]


def _result(request: Request) -> RequestResult:
    ended = request.ended or request.sent
    if request.error:
        return RequestResult(
            request.sent, ended, Status.REFUSED if isinstance(request.error, Overloaded) else Status.FAILED
        )
    return RequestResult(request.sent, request.stream.ended, Status.SPOKEN, request.stream)


@dataclass(frozen=True)
class EngineDriver:
    """Puts load on the bare engine, which runs in a process of its own. Raises `WorkerFailed`."""

    engine: Worker[EngineLoad]
    whole: bool

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:
        """Send requests to the engine."""
        return self.engine.call(EngineLoad.run, load, requests, list(texts), whole=self.whole)


@dataclass(frozen=True)
class Contender:
    """A server and its load in a comparison."""

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
    """Measure each contender once, then each a second time, and so on; before that, each speaks a little unmeasured."""
    for contender in contenders:
        contender.driver.run(Load(clients=2), 2, texts)
    measurements = {each.name: partial(each.measure, texts) for each in contenders}
    return [Series(name, tuple(points)) for name, points in run_interleaved(measurements, repeats, say).items()]
