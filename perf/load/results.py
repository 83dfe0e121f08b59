"""Everything that a run of load tests has found out."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from perf.load.level import Level
from perf.results import Facts

OUR_SPEECH = "this server, OpenAI's endpoint"
OUR_TRITON = "this server, Triton over HTTP"
UPSTREAM_SERVER = "upstream's server"
PLAIN_PORT = "plain Triton port, dynamic batching"
BARE_ENGINE = "bare engine"
"""Names of series that the report knows."""

COUNTERPARTS = {UPSTREAM_SERVER: OUR_SPEECH, PLAIN_PORT: OUR_TRITON}
"""With what each alternative is compared; any other, with the first of its list."""


@dataclass(frozen=True)
class TextShare:
    """One kind of text in the mix."""

    kind: str
    share: float  # of the requests, 0 to 1
    characters: float  # of one text, on average


@dataclass(frozen=True)
class Series:
    """One server, or one way to configure it, under the same load again and again, in turn with others."""

    name: str
    levels: tuple[Level, ...]

    @property
    def times_real_time(self) -> float:
        """The median of the repeats."""
        return statistics.median(level.times_real_time for level in self.levels)


@dataclass(frozen=True)
class Ratio:
    """How many times as fast one is as another: the median of the repeats, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, ours: Series, theirs: Series) -> "Ratio":
        """Compare repeat by repeat, as both met the same neighbours then."""
        ratios = [
            mine.times_real_time / other.times_real_time for mine, other in zip(ours.levels, theirs.levels, strict=True)
        ]
        return cls(statistics.median(ratios), min(ratios), max(ratios))


@dataclass
class LoadResults:
    """What has been measured so far; what has not is empty."""

    facts: Facts
    tools: dict[str, str]  # what else took part, and its version: tritonserver, perf_analyzer, locust, …
    checkpoint: str
    synthetic: bool
    mix: list[TextShare]
    settings: dict[str, str]  # the engine's, where they are not the defaults
    longest: int | None = None  # characters of a text where clients are counted and servers compared
    whole: list[Level] = field(default_factory=list)  # `soprano` over HTTP, by clients
    whole_rates: list[Level] = field(default_factory=list)  # the same, by rate
    streamed: list[Level] = field(default_factory=list)  # `soprano_stream` over gRPC, by clients
    speech: list[Level] = field(default_factory=list)  # OpenAI's endpoint, by clients
    speech_rates: list[Level] = field(default_factory=list)  # the same, by rate
    formats: list[Series] = field(default_factory=list)  # one a format, at one number of clients
    alternatives: list[Series] = field(default_factory=list)  # the first is ours
    stages: list[Series] = field(default_factory=list)  # from the bare engine to the encoded answer
    batching: list[Series] = field(default_factory=list)  # on and off
    other_load: float = 0.0  # processors that other programs kept busy meanwhile
    failures: dict[str, str] = field(default_factory=dict)  # by part


@dataclass(frozen=True)
class Sweep:
    """One setting at several values, under one load, in turn."""

    setting: str
    default: str
    series: Sequence[Series]  # each named after its value


@dataclass
class TuningResults:
    """What the defaults rest on."""

    facts: Facts
    sweeps: list[Sweep] = field(default_factory=list)
    other_load: float = 0.0
