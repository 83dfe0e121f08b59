"""The results of load tests, and the functions with which every experiment saves and reads results as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from measuring.host import Facts
from perf.measurements import LoadPoint, Series
from perf.workload import TextShare

LOAD_FILE = "load.json"
TUNING_FILE = "tuning.json"
T = TypeVar("T")


@dataclass
class LoadResults:
    """The results so far; those that were not measured are empty."""

    facts: Facts
    tools: dict[str, str]  # the versions of tritonserver, perf_analyzer, locust, …
    checkpoint: str
    synthetic: bool
    mix: list[TextShare]
    settings: dict[str, str]  # of the engine, if they differ from the defaults
    longest: int | None = None  # characters of the longest text, except at the rates
    whole: list[LoadPoint] = field(default_factory=list)  # `soprano` over HTTP, by clients
    whole_rates: list[LoadPoint] = field(default_factory=list)  # the same, by rate
    streamed: list[LoadPoint] = field(default_factory=list)  # `soprano_stream` over gRPC, by clients
    speech: list[LoadPoint] = field(default_factory=list)  # OpenAI's endpoint, by clients
    speech_rates: list[LoadPoint] = field(default_factory=list)  # the same, by rate
    formats: list[Series] = field(default_factory=list)  # one for each format, with the same number of clients
    alternatives: list[Series] = field(default_factory=list)  # the first is ours
    stages: list[Series] = field(default_factory=list)  # from the bare engine to the encoded answer
    batching: list[Series] = field(default_factory=list)  # on and off
    other_load: float = 0.0  # processors that other programs used during the run
    failures: dict[str, str] = field(default_factory=dict)  # by part


@dataclass(frozen=True)
class Sweep:
    """The measurements of one setting with several values, under one load, in turn."""

    setting: str
    default: str
    series: Sequence[Series]  # each named after its value


@dataclass
class TuningResults:
    """The measurements that justify the defaults."""

    facts: Facts
    sweeps: list[Sweep] = field(default_factory=list)
    other_load: float = 0.0


class UnreadableResults(Exception):
    """A file of results cannot be used; `str()` says why, and how to make a new one."""


def save(file: Path, results: Any) -> Path:  # noqa: ANN401 - any dataclass
    """Write a dataclass of results to `file` as JSON, and return the file; a missing directory is created."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(TypeAdapter(type(results)).dump_json(results, indent=1, by_alias=True) + b"\n")
    return file


def read(file: Path, kind: type[T], remedy: str) -> T:
    """Read a file that `save` wrote. The message of `UnreadableResults` says that `remedy` makes the file."""
    try:
        return TypeAdapter(kind).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnreadableResults(f"{file} does not hold the results of a run; `{remedy}` makes it: {error}") from error


def read_load(directory: Path) -> LoadResults:
    """Read `load.json`. Raises `UnreadableResults`."""
    return read(directory / LOAD_FILE, LoadResults, "make bench")


def read_tuning(directory: Path) -> TuningResults | None:
    """Read `tuning.json`, if it is there. Raises `UnreadableResults`."""
    file = directory / TUNING_FILE
    return read(file, TuningResults, "make bench-tuning") if file.exists() else None
