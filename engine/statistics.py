"""Figures of a running engine."""

from dataclasses import dataclass


@dataclass
class Counters:
    """What has happened since the start; only ever grows."""

    requests: int = 0
    completed: int = 0
    cancelled: int = 0
    timed_out: int = 0  # ended before any of their audio was made
    failed: int = 0
    retries: int = 0  # sentences made anew, after a hallucination or at the token limit
    audio_samples: int = 0  # handed over
    tokens: int = 0  # drawn, discarded attempts included
    steps: int = 0


@dataclass(frozen=True)
class Statistics:
    """A snapshot."""

    slots: int
    active_slots: int
    open_requests: int
    waiting_requests: int  # open, with no sentence in a slot yet
    listeners: int  # streams under way
    listener_places: int  # streams that the machine keeps ahead of their listeners at the moment
    rejected: int  # refused as overloaded, since the start
    counters: Counters
