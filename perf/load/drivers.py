"""Ways to put a load on a server and see what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from perf.load.engine_load import EngineLoad
from perf.load.load import Load
from perf.load.outcome import Outcome
from perf.load.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load.speech_load import run_speech_load
from perf.worker import Worker
from proxy.audio.formats import FormatName


class Driver(Protocol):
    """Sends requests and listens to them."""

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[Outcome]:
        """Have `texts` spoken in turn, so many requests in all, and return what became of each."""
        ...


@dataclass(frozen=True)
class TritonDriver:
    """perf_analyzer, on a model of a Triton. Raises `PerfAnalyzerError`."""

    analyzer: PerfAnalyzer
    endpoint: Endpoint

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[Outcome]:
        """Have Triton speak."""
        return self.analyzer.run(self.endpoint, load, requests=requests, texts=texts)


@dataclass(frozen=True)
class SpeechDriver:
    """Locust, on OpenAI's endpoint. Raises `LoadFailed`."""

    url: str
    audio_format: FormatName

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[Outcome]:
        """Have a speech server speak."""
        return run_speech_load(self.url, load, requests, texts, self.audio_format)


@dataclass(frozen=True)
class EngineDriver:
    """Calls into the bare engine, which runs in a process of its own. Raises `WorkerFailed`."""

    engine: Worker[EngineLoad]
    whole: bool

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[Outcome]:
        """Have the engine speak."""
        return self.engine.call(EngineLoad.run, load, requests, list(texts), whole=self.whole)
