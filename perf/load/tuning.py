"""Sweeps over the settings whose defaults have to come from somewhere."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.runtime.cores import usable_cores
from engine.settings import EngineSettings
from perf.alternatives.model_variants import Batching, our_repository
from perf.load.contest import Contender, compete
from perf.load.drivers import Driver, EngineDriver, TritonDriver
from perf.load.engine_load import EngineLoad
from perf.load.load import Load
from perf.load.mix import Mix
from perf.load.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load.results import Sweep
from perf.load.servers import our_triton
from perf.worker import Worker

_PATIENCE = {"SOPRANO_MAX_WAIT": "3600"}
"""So that no stream is refused: each value of a setting is to do the same work."""


class Setting(StrEnum):
    """What is swept."""

    THREADS = "SOPRANO_THREADS"
    SLOTS = "SOPRANO_SLOTS"
    PREFILL_TOKENS = "SOPRANO_PREFILL_TOKENS"
    CHUNK_WAIT = "SOPRANO_CHUNK_WAIT"
    QUEUE_DELAY = "max_queue_delay_microseconds"
    BATCH_SIZE = "max_batch_size"


@dataclass(frozen=True)
class TuningOptions:
    """Loads and numbers of requests."""

    clients: int = 16
    crowd: int = 64  # clients, where slots are to be filled
    requests: int = 48
    crowd_requests: int = 96
    repeats: int = 2
    longest: int = 1000  # characters of a text
    settings: tuple[Setting, ...] = tuple(Setting)


QUICK = TuningOptions(clients=2, crowd=2, requests=2, crowd_requests=2, repeats=1, longest=60)
"""To see that it runs, not to learn a figure."""


class Tuning:
    """One run on one checkpoint. Raises what `perf.load.campaign.FAILURES` lists."""

    def __init__(
        self, options: TuningOptions, checkpoint: Path, analyzer: PerfAnalyzer, say: Callable[[str], None]
    ) -> None:
        self._options = options
        self._checkpoint = checkpoint
        self._analyzer = analyzer
        self._say = say
        self._texts = Mix.read().deck(longest=options.longest)

    def run(self) -> Iterator[Sweep]:
        """Sweep every setting that is asked for, and yield what each has shown."""
        yield from map(self._sweep, self._options.settings)

    def _sweep(self, setting: Setting) -> Sweep:
        default, values = _values(setting)
        self._say(f"{setting}: {', '.join(values)}")
        with ExitStack() as stack:
            drivers = [stack.enter_context(self._driver(setting, value)) for value in values]
            contenders = [
                Contender(f"{value}", driver, self._load(setting), self._requests(setting))
                for value, driver in zip(values, drivers, strict=True)
            ]
            return Sweep(setting, default, tuple(compete(contenders, self._texts, self._options.repeats, self._say)))

    def _load(self, setting: Setting) -> Load:
        return Load(clients=self._options.crowd if setting is Setting.SLOTS else self._options.clients)

    def _requests(self, setting: Setting) -> int:
        return self._options.crowd_requests if setting is Setting.SLOTS else self._options.requests

    @contextmanager
    def _driver(self, setting: Setting, value: str) -> Iterator[Driver]:
        """Start what runs with this value: Triton where the setting is its own, else the bare engine."""
        match setting:
            case Setting.QUEUE_DELAY:
                batching = Batching(max_queue_delay_microseconds=int(value))
            case Setting.BATCH_SIZE:
                batching = Batching(max_batch_size=int(value))
            case _:
                environment = {**_PATIENCE, setting.value: value}
                # Slots are for whole clips: of streams, no more run at once than the machine keeps ahead.
                whole = setting is Setting.SLOTS
                with Worker(f"{setting}={value}", EngineLoad, str(self._checkpoint), environment) as engine:
                    yield EngineDriver(engine, whole=whole)
                return
        with tempfile.TemporaryDirectory(prefix="soprano-tuning-") as directory:
            repository = our_repository(Path(directory), soprano=batching, soprano_stream=batching)
            with our_triton(self._checkpoint, _PATIENCE, repository) as triton:
                yield TritonDriver(self._analyzer, Endpoint("soprano", triton.http_address, "http"))


def _values(setting: Setting) -> tuple[str, Sequence[str]]:
    """Return the default and what to try."""
    defaults = EngineSettings()
    cores = usable_cores()
    match setting:
        case Setting.THREADS:
            return str(cores), _texts(sorted({1, max(1, cores // 2), cores, 2 * cores}))
        case Setting.SLOTS:
            return str(defaults.slots), _texts((8, 16, 32, 64, 128))
        case Setting.PREFILL_TOKENS:
            return str(defaults.prefill_tokens), _texts((64, 256, 512, 1024))
        case Setting.CHUNK_WAIT:
            return str(defaults.chunk_wait), _texts((0.1, 0.2, 0.3, 0.5, 1.0))
        case Setting.QUEUE_DELAY:
            return "0", _texts((0, 1000, 5000, 20_000))
        case Setting.BATCH_SIZE:
            return "64", _texts((1, 8, 64))


def _texts(values: Sequence[float]) -> Sequence[str]:
    return [str(value) for value in values]
