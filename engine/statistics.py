"""Statistics of a running engine."""

from dataclasses import dataclass, field


@dataclass
class Counters:
    """Event counts since the start; they never decrease."""

    requests: int = 0
    completed: int = 0
    cancelled: int = 0
    timed_out: int = 0  # requests without decoded audio at their deadline
    failed: int = 0
    retries: int = 0  # sentences synthesised again after a hallucination or at the token limit
    truncated: int = 0  # sentences whose last attempt hallucinated or reached the token limit
    silent: int = 0  # sentences without sound, which were skipped
    step_failures: int = 0  # steps that raised an exception
    quarantined: int = 0  # requests that ended because the engine died twice while it spoke them
    audio_samples: int = 0  # emitted
    tokens: int = 0  # sampled, including those of discarded attempts
    steps: int = 0

    def __add__(self, other: "Counters") -> "Counters":
        """Return the sum of each count."""
        return Counters(**{name: value + getattr(other, name) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Statistics:
    """A snapshot of the engine's state."""

    slots: int = 0
    active_slots: int = 0
    open_requests: int = 0
    waiting_requests: int = 0  # open requests without a sentence in a slot so far
    active_streams: int = 0
    stream_capacity: int = 0  # streams that this machine can currently serve in real time
    rejected: int = 0  # requests refused with `Overloaded` since the start
    restarts: int = 0  # of the engine process
    counters: Counters = field(default_factory=Counters)
