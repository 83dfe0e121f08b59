"""What became of one request."""

from dataclasses import dataclass
from enum import StrEnum

from perf.stream import Stream


class Fate(StrEnum):
    """How a request ended."""

    SPOKEN = "spoken"
    REFUSED = "refused"  # the server had no room for it, and said so before any audio
    FAILED = "failed"  # anything else: an error, or audio that broke off


@dataclass(frozen=True)
class Outcome:
    """One request; times in seconds, on the clock of the program that sent it.

    `stream` is what its listener heard, for one that was spoken. A clip that comes whole is a stream of one chunk.
    """

    sent: float
    ended: float
    fate: Fate
    stream: Stream | None = None
