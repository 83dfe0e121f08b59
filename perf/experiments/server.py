"""Load tests of the whole service, and of alternatives to it.

Saves JSON and plots in `perf/results/<date>-<machine>/`, and a report of them in `perf/RESULTS.md`.
"""

import os
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from engine.checkpoint.files import SYNTHETIC, mark
from engine.settings import PREFIX, EngineSettings
from launch.triton.server import TritonServer
from measuring.command import CheckpointOption, say, weights
from measuring.host import OtherLoad, examine
from measuring.servers import our_proxy, our_triton
from measuring.worker import Worker
from perf.command import Parts, QuickOption, directory_of, end, experiment, warn
from perf.load_generators.driver import (
    PATIENT,
    Contender,
    Driver,
    EngineDriver,
    EngineLoad,
    SpeechDriver,
    TritonDriver,
    compare_drivers,
)
from perf.load_generators.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load_generators.perf_analyzer_installation import Installation, find_installation
from perf.measurements import BARE_ENGINE, OUR_SPEECH, OUR_TRITON, PLAIN_PORT, UPSTREAM_SERVER, Load, LoadPoint
from perf.report.results import LOAD_FILE, LoadResults, save
from perf.report.server_page import make_report
from perf.servers.alternatives import MODEL as PLAIN_MODEL
from perf.servers.alternatives import Batching, UpstreamServer, our_repository, plain_triton
from perf.workload import Mix
from proxy.audio.formats import AUDIO_FORMATS

_OFF = Batching(dynamic=False)


class Part(StrEnum):
    """The parts of a run, in their order."""

    WHOLE = "whole"  # Triton over HTTP: whole clips
    STREAMED = "streamed"  # Triton over gRPC: streams
    SPEECH = "speech"  # OpenAI's endpoint
    FORMATS = "formats"
    ALTERNATIVES = "alternatives"
    STAGES = "stages"
    BATCHING = "batching"


@dataclass(frozen=True)
class LoadOptions:
    """The loads and the numbers of requests."""

    clients: tuple[int, ...] = (1, 4, 8, 16, 32, 64)
    requests_at_least: int = 24  # under one load
    requests_each: int = 3  # for each client
    rates: tuple[float, ...] = (0.5, 0.75, 0.9)
    """Shares of the maximal throughput; all are below 1, because perf_analyzer ends when a request is refused."""
    speech_rates: tuple[float, ...] = (0.5, 0.75, 1.0, 1.5, 2.0)
    """Shares of the maximal throughput of OpenAI's endpoint."""
    rate_requests: int = 100  # at each rate
    compared: int = 16  # clients in comparisons of servers
    compared_requests: int = 48
    slow_requests: int = 24  # to servers that are several times slower
    repeats: int = 3
    longest: int = 1000
    """Characters of the longest text, except at the rates: with few requests, a single long article would dominate the
    figures."""
    parts: tuple[Part, ...] = tuple(Part)

    def requests(self, clients: int) -> int:
        """Return the total number of requests for this number of clients."""
        return max(self.requests_at_least, self.requests_each * clients)


QUICK = LoadOptions(
    clients=(1, 4),
    requests_at_least=4,
    requests_each=1,
    rates=(0.5,),
    speech_rates=(0.5, 2.0),
    rate_requests=8,
    compared=2,
    compared_requests=4,
    slow_requests=2,
    repeats=1,
    longest=60,
)
"""Everything once and small: a check that it works; the figures mean nothing."""


def main(
    checkpoint: CheckpointOption = None,
    part: Annotated[list[Part] | None, typer.Option(help="Run only this one; may be given more than once.")] = None,
    quick: QuickOption = False,
    results: Annotated[Path | None, typer.Option(help="Directory.  [default: perf/results/DATE-MACHINE]")] = None,
) -> None:
    """Put load on Triton and on OpenAI's endpoint, and compare them with upstream's server and a plain Triton port.

    No other program should use the machine during a run. By default it takes about thirty-five minutes on two cores.
    SOPRANO_ variables configure the engine.
    """
    options = QUICK if quick else LoadOptions()
    if part:
        options = replace(options, parts=tuple(part))
    with experiment():
        settings = EngineSettings.from_environment()
        facts = examine(settings.device, settings.dtype)
        installation = find_installation()
        directory = results or directory_of(facts, quick=quick)
        with weights(checkpoint, "small" if quick else "full") as path:
            measured = LoadResults(
                facts=facts,
                tools=_tools(installation),
                checkpoint=path.name,
                synthetic=mark(path) == SYNTHETIC,
                mix=Mix.read().shares(),
                settings={name: value for name, value in os.environ.items() if name.startswith(PREFIX)},
                longest=options.longest,
            )
            LoadTest(options, path, PerfAnalyzer(installation), measured, directory).run()
        warn(measured.other_load, quick=quick)
        end(make_report(directory), failed=measured.failures)


def _tools(installation: Installation) -> dict[str, str]:
    tritonserver = {"tritonserver": f"nvidia-pytriton {version('nvidia-pytriton')}"}
    return tritonserver | {"perf_analyzer": installation.version(), "locust": version("locust")}


class LoadTest:
    """One run on one checkpoint; all servers are stopped at the end.

    `results` is saved to `directory` after every part, so that a later failure loses nothing.
    """

    def __init__(
        self, options: LoadOptions, checkpoint: Path, analyzer: PerfAnalyzer, results: LoadResults, directory: Path
    ) -> None:
        self.results = results
        self._options = options
        self._checkpoint = checkpoint
        self._analyzer = analyzer
        self._directory = directory
        mix = Mix.read()
        self._texts = mix.deck(longest=options.longest)
        self._texts_at_rates = mix.deck()

    def run(self) -> None:
        """Run the requested parts. If one fails, the results note this, and the others still run."""
        meanwhile = OtherLoad()
        parts = Parts(self._options.parts, self.results.failures)
        for part, measure in {
            Part.WHOLE: self._whole,
            Part.STREAMED: self._streamed,
            Part.SPEECH: self._speech,
            Part.FORMATS: self._formats,
            Part.ALTERNATIVES: self._alternatives,
            Part.STAGES: self._stages,
            Part.BATCHING: self._batching,
        }.items():
            if parts.run(part, measure):
                self.results.other_load = meanwhile.cores()
                save(self._directory / LOAD_FILE, self.results)

    # One server under many loads.

    def _whole(self) -> None:
        with our_triton(self._checkpoint) as triton:
            driver = self._http(triton)
            self.results.whole = self._by_clients("soprano, HTTP", driver)
            self.results.whole_rates = self._by_rate("soprano, HTTP", driver, self.results.whole, self._options.rates)

    def _streamed(self) -> None:
        with our_triton(self._checkpoint, PATIENT) as triton:
            self.results.streamed = self._by_clients("soprano_stream, gRPC", self._grpc(triton))

    def _speech(self) -> None:
        with our_triton(self._checkpoint) as triton, our_proxy(triton.grpc_url) as url:
            driver = SpeechDriver(url, "mp3")
            self.results.speech = self._by_clients("OpenAI's endpoint, mp3", driver)
            shares = self._options.speech_rates
            self.results.speech_rates = self._by_rate("OpenAI's endpoint, mp3", driver, self.results.speech, shares)

    def _formats(self) -> None:
        with our_triton(self._checkpoint, PATIENT) as triton, our_proxy(triton.grpc_url) as url:
            contenders = [self._contender(name, SpeechDriver(url, name)) for name in AUDIO_FORMATS]
            self.results.formats = compare_drivers(contenders, self._texts, 1, say)

    def _by_clients(self, name: str, driver: Driver) -> list[LoadPoint]:
        options = self._options
        driver.run(Load(clients=2), 4, self._texts)  # so that one-time work is not measured
        points = []
        for clients in options.clients:
            say(f"{name}: {clients} clients")
            load = Load(clients=clients)
            points.append(LoadPoint.of(load, driver.run(load, options.requests(clients), self._texts)))
        return points

    def _by_rate(
        self, name: str, driver: Driver, by_clients: Sequence[LoadPoint], shares: tuple[float, ...]
    ) -> list[LoadPoint]:
        points, saturation = [], self._saturation(by_clients)
        for share in shares:
            load = Load(rate=round(share * saturation, 3))
            say(f"{name}: {load}")
            points.append(LoadPoint.of(load, driver.run(load, self._options.rate_requests, self._texts_at_rates)))
        return points

    def _saturation(self, points: Sequence[LoadPoint]) -> float:
        """Return the maximal requests a second of the whole mix, estimated from `points`."""
        best = max(point.times_real_time for point in points)
        audio = statistics.fmean(point.times_real_time / point.requests_per_second for point in points)
        lengths = [statistics.fmean(map(len, texts)) for texts in (self._texts_at_rates, self._texts)]
        return best / (audio * lengths[0] / lengths[1])

    # Comparisons of servers.

    def _alternatives(self) -> None:
        """Compare both OpenAI endpoints in WAV, the only format of upstream's, and both Triton servers over HTTP."""
        options = self._options
        with ExitStack() as stack:
            triton = stack.enter_context(our_triton(self._checkpoint))
            url = stack.enter_context(our_proxy(triton.grpc_url))
            upstream = stack.enter_context(UpstreamServer(self._checkpoint))
            plain = stack.enter_context(plain_triton(self._checkpoint, _directory(stack)))
            contenders = [
                self._contender(OUR_SPEECH, SpeechDriver(url, "wav")),
                self._contender(UPSTREAM_SERVER, SpeechDriver(upstream.url, "wav"), options.slow_requests),
                self._contender(OUR_TRITON, self._http(triton)),
                self._contender(PLAIN_PORT, self._http(plain, PLAIN_MODEL), options.slow_requests),
            ]
            self.results.alternatives = compare_drivers(contenders, self._texts, options.repeats, say)

    def _stages(self) -> None:
        """Measure the same streams after each stage, from the bare engine to the encoded response."""
        with ExitStack() as stack:
            bare = stack.enter_context(Worker("engine", EngineLoad, str(self._checkpoint), PATIENT))
            triton = stack.enter_context(our_triton(self._checkpoint, PATIENT))
            url = stack.enter_context(our_proxy(triton.grpc_url))
            contenders = [
                self._contender(BARE_ENGINE, EngineDriver(bare, whole=False)),
                self._contender("+ Triton, gRPC", self._grpc(triton)),
                self._contender("+ proxy, pcm", SpeechDriver(url, "pcm")),
                self._contender("+ encoding, mp3", SpeechDriver(url, "mp3")),
            ]
            self.results.stages = compare_drivers(contenders, self._texts, self._options.repeats, say)

    def _batching(self) -> None:
        """Measure each server with its kinds of batching and without them."""
        slow = self._options.slow_requests
        with ExitStack() as stack:
            ours = stack.enter_context(our_triton(self._checkpoint))
            unbatched = our_repository(_directory(stack), soprano=_OFF, soprano_stream=_OFF)
            one_by_one = stack.enter_context(our_triton(self._checkpoint, repository=unbatched))
            one_slot = stack.enter_context(our_triton(self._checkpoint, {"SOPRANO_SLOTS": "1"}))
            plain = stack.enter_context(plain_triton(self._checkpoint, _directory(stack)))
            plain_off = stack.enter_context(plain_triton(self._checkpoint, _directory(stack), batching=False))
            contenders = [
                self._contender("in-flight and dynamic batching", self._http(ours)),
                self._contender("in-flight batching alone", self._http(one_by_one)),
                self._contender("neither: one slot", self._http(one_slot), slow),
                self._contender("plain port, dynamic batching", self._http(plain, PLAIN_MODEL), slow),
                self._contender("plain port, one by one", self._http(plain_off, PLAIN_MODEL), slow),
            ]
            self.results.batching = compare_drivers(contenders, self._texts, self._options.repeats, say)

    def _contender(self, name: str, driver: Driver, requests: int | None = None) -> Contender:
        options = self._options
        return Contender(name, driver, Load(clients=options.compared), requests or options.compared_requests)

    def _http(self, triton: TritonServer, model: str = "soprano") -> Driver:
        return TritonDriver(self._analyzer, Endpoint(model, triton.http_address, "http"))

    def _grpc(self, triton: TritonServer) -> Driver:
        return TritonDriver(self._analyzer, Endpoint("soprano_stream", triton.grpc_url, "grpc", streamed=True))


def _directory(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soprano-load-")))
