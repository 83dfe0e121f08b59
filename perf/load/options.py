"""What a run of load tests measures, and how thoroughly."""

from dataclasses import dataclass
from enum import StrEnum


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
    """Loads and numbers of requests."""

    clients: tuple[int, ...] = (1, 4, 8, 16, 32, 64)
    requests_at_least: int = 24  # of one load
    requests_each: int = 3  # for each client
    rates: tuple[float, ...] = (0.5, 0.75, 0.9)
    """Of what the same clients got at their best; perf_analyzer cannot go on when a request is refused."""
    speech_rates: tuple[float, ...] = (0.5, 0.75, 1.0, 1.5, 2.0)
    """Of the same, for OpenAI's endpoint."""
    rate_requests: int = 100  # at each rate
    compared: int = 16  # clients, wherever servers are compared
    compared_requests: int = 48
    slow_requests: int = 24  # of servers that take several times as long
    repeats: int = 3
    longest: int = 1000
    """Characters of the longest text where servers are compared or clients counted: a single article would decide over
    so few requests. At the rates it is part of the mix."""
    parts: tuple[Part, ...] = tuple(Part)

    def requests(self, clients: int) -> int:
        """Return how many requests so many clients send in all."""
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
"""Everything once and small: to see that it runs, not to learn a figure."""
