"""Figures of a running engine."""

from dataclasses import dataclass, field


@dataclass
class Counters:
    """What has happened since the start; only ever grows."""

    requests: int = 0
    completed: int = 0
    cancelled: int = 0
    timed_out: int = 0  # ended before any of their audio was made
    failed: int = 0
    retries: int = 0  # sentences made anew, after a hallucination or at the token limit
    truncated: int = 0  # sentences that ended there all the same
    silent: int = 0  # sentences without any sound, which were skipped
    step_failures: int = 0  # steps that raised
    quarantined: int = 0  # requests refused for good, since the engine died twice while it spoke them
    audio_samples: int = 0  # handed over
    tokens: int = 0  # drawn, discarded attempts included
    steps: int = 0

    def __add__(self, other: "Counters") -> "Counters":
        """Return the sums."""
        return Counters(**{name: value + getattr(other, name) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Statistics:
    """A snapshot."""

    slots: int = 0
    active_slots: int = 0
    open_requests: int = 0
    waiting_requests: int = 0  # open, with no sentence in a slot yet
    active_streams: int = 0
    stream_capacity: int = 0  # streams that this machine can currently serve in real time
    rejected: int = 0  # refused as overloaded, since the start
    restarts: int = 0  # of the engine's process
    counters: Counters = field(default_factory=Counters)
