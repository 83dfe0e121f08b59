"""Runs the parts of a load test, one after the other, and gathers what they find out."""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launch.errors import LaunchError
from launch.triton.server import TritonServer
from perf.alternatives.model_variants import Batching, our_repository
from perf.alternatives.plain_port import MODEL as PLAIN_MODEL
from perf.alternatives.plain_port import plain_triton
from perf.alternatives.upstream_server import UpstreamServer
from perf.load.contest import Contender, compete
from perf.load.drivers import Driver, EngineDriver, SpeechDriver, TritonDriver
from perf.load.engine_load import EngineLoad
from perf.load.level import Level
from perf.load.load import Load
from perf.load.mix import Mix
from perf.load.options import LoadOptions, Part
from perf.load.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load.perf_analyzer_errors import PerfAnalyzerError
from perf.load.results import (
    BARE_ENGINE,
    OUR_SPEECH,
    OUR_TRITON,
    PLAIN_PORT,
    UPSTREAM_SERVER,
    LoadResults,
)
from perf.load.servers import our_proxy, our_triton
from perf.load.speech_load import LoadFailed
from perf.other_load import OtherLoad
from perf.worker import Worker, WorkerFailed
from proxy.audio.formats import AUDIO_FORMATS

FAILURES = (LaunchError, LoadFailed, PerfAnalyzerError, WorkerFailed)
"""What may go wrong with a measurement."""

_PATIENCE = {"SOPRANO_MAX_WAIT": "3600"}
"""For where no stream is to be refused: perf_analyzer would stop."""

_OFF = Batching(dynamic=False)


class Campaign:
    """One run on one checkpoint; `results` says what has been found out so far.

    Everything that is started is stopped again. `keep` is called after every part, so that what was found out outlives
    whatever happens to the next.
    """

    def __init__(
        self,
        options: LoadOptions,
        checkpoint: Path,
        analyzer: PerfAnalyzer,
        results: LoadResults,
        keep: Callable[[LoadResults], object],
        say: Callable[[str], None],
    ) -> None:
        self.results = results
        self._options = options
        self._checkpoint = checkpoint
        self._analyzer = analyzer
        self._keep = keep
        self._say = say
        self._meanwhile = OtherLoad()
        mix = Mix.read()
        self._texts = mix.deck(longest=options.longest)
        self._texts_at_rates = mix.deck()

    def run(self) -> None:
        """Run every part that is asked for. One that fails is noted in the results, and the others still run."""
        self._attempt(Part.WHOLE, self._whole)
        self._attempt(Part.STREAMED, self._streamed)
        self._attempt(Part.SPEECH, self._speech)
        self._attempt(Part.FORMATS, self._formats)
        self._attempt(Part.ALTERNATIVES, self._alternatives)
        self._attempt(Part.STAGES, self._stages)
        self._attempt(Part.BATCHING, self._batching)

    def _attempt(self, part: Part, measure: Callable[[], None]) -> None:
        if part in self._options.parts:
            with self._noting_failure(part):
                measure()
            self.results.other_load = self._meanwhile.cores()
            self._keep(self.results)

    @contextmanager
    def _noting_failure(self, name: str) -> Iterator[None]:
        try:
            yield
        except FAILURES as failure:
            self._say(f"{name} failed: {failure}")
            self.results.failures[name] = str(failure)

    # One server under many loads.

    def _whole(self) -> None:
        with our_triton(self._checkpoint) as triton:
            driver = self._http(triton)
            self.results.whole = self._by_clients("soprano, HTTP", driver)
            self.results.whole_rates = self._by_rate("soprano, HTTP", driver, self.results.whole, self._options.rates)

    def _streamed(self) -> None:
        with our_triton(self._checkpoint, _PATIENCE) as triton:
            self.results.streamed = self._by_clients("soprano_stream, gRPC", self._grpc(triton))

    def _speech(self) -> None:
        with our_triton(self._checkpoint) as triton, our_proxy(triton.grpc_url) as url:
            driver = SpeechDriver(url, "mp3")
            self.results.speech = self._by_clients("OpenAI's endpoint, mp3", driver)
            shares = self._options.speech_rates
            self.results.speech_rates = self._by_rate("OpenAI's endpoint, mp3", driver, self.results.speech, shares)

    def _formats(self) -> None:
        with our_triton(self._checkpoint, _PATIENCE) as triton, our_proxy(triton.grpc_url) as url:
            contenders = [self._contender(name, SpeechDriver(url, name)) for name in AUDIO_FORMATS]
            self.results.formats = compete(contenders, self._texts, 1, self._say)

    def _by_clients(self, name: str, driver: Driver) -> list[Level]:
        options = self._options
        driver.run(Load(clients=2), 4, self._texts)  # what is set up once is set up by this
        levels = []
        for clients in options.clients:
            self._say(f"{name}: {clients} clients")
            load = Load(clients=clients)
            levels.append(Level.of(load, driver.run(load, options.requests(clients), self._texts)))
        return levels

    def _by_rate(
        self, name: str, driver: Driver, by_clients: Sequence[Level], shares: tuple[float, ...]
    ) -> list[Level]:
        levels, saturation = [], self._saturation(by_clients)
        for share in shares:
            load = Load(rate=round(share * saturation, 3))
            self._say(f"{name}: {load}")
            levels.append(Level.of(load, driver.run(load, self._options.rate_requests, self._texts_at_rates)))
        return levels

    def _saturation(self, levels: Sequence[Level]) -> float:
        """Return the requests of the whole mix a second that `levels` show at their best."""
        best = max(level.times_real_time for level in levels)
        audio = statistics.fmean(level.times_real_time / level.requests_per_second for level in levels)
        lengths = [statistics.fmean(map(len, texts)) for texts in (self._texts_at_rates, self._texts)]
        return best / (audio * lengths[0] / lengths[1])

    # Servers beside each other.

    def _alternatives(self) -> None:
        """OpenAI's endpoint of both servers in WAV, as upstream's has nothing else; Triton's of both over HTTP."""
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
            self.results.alternatives = compete(contenders, self._texts, options.repeats, self._say)

    def _stages(self) -> None:
        """The same streams from ever further away."""
        with ExitStack() as stack:
            bare = stack.enter_context(Worker("engine", EngineLoad, str(self._checkpoint), _PATIENCE))
            triton = stack.enter_context(our_triton(self._checkpoint, _PATIENCE))
            url = stack.enter_context(our_proxy(triton.grpc_url))
            contenders = [
                self._contender(BARE_ENGINE, EngineDriver(bare, whole=False)),
                self._contender("+ Triton, gRPC", self._grpc(triton)),
                self._contender("+ proxy, pcm", SpeechDriver(url, "pcm")),
                self._contender("+ encoding, mp3", SpeechDriver(url, "mp3")),
            ]
            self.results.stages = compete(contenders, self._texts, self._options.repeats, self._say)

    def _batching(self) -> None:
        """Each server with what it batches by, and without."""
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
            self.results.batching = compete(contenders, self._texts, self._options.repeats, self._say)

    def _contender(self, name: str, driver: Driver, requests: int | None = None) -> Contender:
        options = self._options
        return Contender(name, driver, Load(clients=options.compared), requests or options.compared_requests)

    def _http(self, triton: TritonServer, model: str = "soprano") -> Driver:
        return TritonDriver(self._analyzer, Endpoint(model, triton.http_address, "http"))

    def _grpc(self, triton: TritonServer) -> Driver:
        return TritonDriver(self._analyzer, Endpoint("soprano_stream", triton.grpc_url, "grpc", streamed=True))


def _directory(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soprano-load-")))
