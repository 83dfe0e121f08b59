"""Measures several values of each setting, to justify the defaults.

Saves `tuning.json` and plots beside the load tests of the same day and machine, and updates their report.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import torch
import typer

from engine.runtime.device import slots_of
from engine.runtime.execution import EagerExecution
from engine.settings import EngineSettings
from ipc.cores import usable_cores
from measuring.command import CheckpointOption, say, weights
from measuring.host import OtherLoad, examine
from measuring.servers import our_triton
from measuring.worker import Worker
from perf.command import QuickOption, directory_of, end, experiment, warn
from perf.load_generators.driver import (
    PATIENT,
    Contender,
    Driver,
    EngineDriver,
    EngineLoad,
    TritonDriver,
    compare_drivers,
)
from perf.load_generators.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load_generators.perf_analyzer_installation import find_installation
from perf.measurements import Load
from perf.report.results import LOAD_FILE, TUNING_FILE, Sweep, TuningResults, save
from perf.report.server_page import make_report
from perf.servers.alternatives import Batching, our_repository
from perf.workload import Mix


class Setting(StrEnum):
    """The settings that are swept."""

    THREADS = "SOPRANO_THREADS"
    SLOTS = "SOPRANO_SLOTS"
    PREFILL_TOKENS = "SOPRANO_PREFILL_TOKENS"
    CHUNK_WAIT = "SOPRANO_CHUNK_WAIT"
    QUEUE_DELAY = "max_queue_delay_microseconds"
    BATCH_SIZE = "max_batch_size"


@dataclass(frozen=True)
class TuningOptions:
    """The loads and the numbers of requests."""

    clients: int = 16
    crowd: int = 64  # clients for the sweep of slots
    requests: int = 48
    crowd_requests: int = 96
    repeats: int = 2
    longest: int = 1000  # characters of a text
    settings: tuple[Setting, ...] = tuple(Setting)


QUICK = TuningOptions(clients=2, crowd=2, requests=2, crowd_requests=2, repeats=1, longest=60)
"""A check that it works; the figures mean nothing."""


class Tuning:
    """One run on one checkpoint. Raises what `perf.command.FAILURES` lists."""

    def __init__(self, options: TuningOptions, checkpoint: Path, analyzer: PerfAnalyzer) -> None:
        self._options = options
        self._checkpoint = checkpoint
        self._analyzer = analyzer
        self._texts = Mix.read().deck(longest=options.longest)

    def run(self) -> Iterator[Sweep]:
        """Sweep the requested settings, and yield the result of each."""
        yield from map(self._sweep, self._options.settings)

    def _sweep(self, setting: Setting) -> Sweep:
        default, values = _values(setting)
        say(f"{setting}: {', '.join(values)}")
        with ExitStack() as stack:
            drivers = [stack.enter_context(self._driver(setting, value)) for value in values]
            contenders = [
                Contender(f"{value}", driver, self._load(setting), self._requests(setting))
                for value, driver in zip(values, drivers, strict=True)
            ]
            return Sweep(setting, default, tuple(compare_drivers(contenders, self._texts, self._options.repeats, say)))

    def _load(self, setting: Setting) -> Load:
        return Load(clients=self._options.crowd if setting is Setting.SLOTS else self._options.clients)

    def _requests(self, setting: Setting) -> int:
        return self._options.crowd_requests if setting is Setting.SLOTS else self._options.requests

    @contextmanager
    def _driver(self, setting: Setting, value: str) -> Iterator[Driver]:
        """Start a server with this value: Triton for its own settings, otherwise the bare engine."""
        match setting:
            case Setting.QUEUE_DELAY:
                batching = Batching(max_queue_delay_microseconds=int(value))
            case Setting.BATCH_SIZE:
                batching = Batching(max_batch_size=int(value))
            case _:
                environment = {**PATIENT, setting.value: value}
                # Whole clips for slots: the engine admits streams only up to its capacity, which may be less.
                whole = setting is Setting.SLOTS
                with Worker(f"{setting}={value}", EngineLoad, str(self._checkpoint), environment) as engine:
                    yield EngineDriver(engine, whole=whole)
                return
        with tempfile.TemporaryDirectory(prefix="soprano-tuning-") as directory:
            repository = our_repository(Path(directory), soprano=batching, soprano_stream=batching)
            with our_triton(self._checkpoint, PATIENT, repository) as triton:
                yield TritonDriver(self._analyzer, Endpoint("soprano", triton.http_address, "http"))


def _values(setting: Setting) -> tuple[str, Sequence[str]]:
    """Return the default and the values to try."""
    defaults = EngineSettings()
    cores = usable_cores()
    match setting:
        case Setting.THREADS:
            return str(cores), _texts(sorted({1, max(1, cores // 2), cores, 2 * cores}))
        case Setting.SLOTS:
            return str(slots_of(torch.device("cpu"))), _texts((8, 16, 32, 64, 128))
        case Setting.PREFILL_TOKENS:
            return str(EagerExecution.prefill_tokens), _texts((64, 256, 512, 1024))
        case Setting.CHUNK_WAIT:
            return str(defaults.chunk_wait), _texts((0.1, 0.2, 0.3, 0.5, 1.0))
        case Setting.QUEUE_DELAY:
            return "0", _texts((0, 1000, 5000, 20_000))
        case Setting.BATCH_SIZE:
            return "64", _texts((1, 8, 64))


def _texts(values: Sequence[float]) -> Sequence[str]:
    return [str(value) for value in values]


def main(
    checkpoint: CheckpointOption = None,
    setting: Annotated[list[Setting] | None, typer.Option(help="Sweep only this one; may be repeated.")] = None,
    quick: QuickOption = False,
    results: Annotated[Path | None, typer.Option(help="Directory of a run of `server`.  [default: today's]")] = None,
) -> None:
    """Run the same load with several values of each setting, in turn, to justify the defaults.

    No other program should use the machine during a run. By default it takes about fifteen minutes on two cores.
    """
    options = QUICK if quick else TuningOptions()
    if setting:
        options = replace(options, settings=tuple(setting))
    meanwhile = OtherLoad()
    with experiment():
        measured = TuningResults(examine(EngineSettings().device, EngineSettings().dtype))
        directory = results or directory_of(measured.facts, quick=quick)
        with weights(checkpoint, "small" if quick else "full") as path:
            for sweep in Tuning(options, path, PerfAnalyzer(find_installation())).run():
                measured.sweeps.append(sweep)
                measured.other_load = meanwhile.cores()
                save(directory / TUNING_FILE, measured)
        warn(measured.other_load, quick=quick)
        has_load_test = (directory / LOAD_FILE).is_file()
        end(make_report(directory) if has_load_test else [directory / TUNING_FILE])
