"""How many listeners a server holds in real time: who play what they hear, at the speed of speech."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perf.load.level import Level


@dataclass(frozen=True)
class Audience:
    """Those who wanted to listen under one load."""

    level: Level
    wanted: float
    """How many wanted to at once. For a rate of requests, on average: by Little's law, the rate times the seconds that
    each of them listens."""

    @property
    def requests(self) -> int:
        """All that were sent."""
        return self.level.spoken + self.level.refused + self.level.failed

    @property
    def content(self) -> int:
        """Requests that were heard to their end without a stall."""
        return self.level.spoken - self.level.stalled

    @property
    def all_content(self) -> bool:
        """Whether that was everybody."""
        return self.content == self.requests

    def listeners(self, requests: int) -> float:
        """Return how many of those who wanted to listen at once so many of the requests were."""
        return self.wanted * requests / self.requests


def audiences(levels: Sequence[Level]) -> list[Audience]:
    """Return the audience of each level, from the smallest on.

    The levels are either all numbers of clients or all rates; without any audio, that of a rate is unknown and left
    out. The length of a clip is taken from all levels at which everything was spoken, as refusals may favour some.
    """
    seconds = _seconds_each([level for level in levels if not level.refused + level.failed]) or _seconds_each(levels)
    wanted = [level.load.clients or (level.load.rate or 0.0) * seconds for level in levels]
    return sorted(
        (Audience(level, number) for level, number in zip(levels, wanted, strict=True) if number),
        key=lambda audience: audience.wanted,
    )


def _seconds_each(levels: Sequence[Level]) -> float:
    """Return the seconds of audio of one request, on average."""
    requests = sum(level.requests_per_second for level in levels)
    return sum(level.times_real_time for level in levels) / requests if requests else 0.0


@dataclass(frozen=True)
class Capacity:
    """The most listeners of whom everyone was heard to the end, without a stall or a refusal."""

    held: Audience | None
    """None if no audience was content."""
    exceeded: Audience | None
    """The next larger one; None if none was too large."""
    exceptions: tuple[Audience, ...]
    """Smaller ones, of whom not everyone was content all the same."""

    @classmethod
    def of(cls, listed: Sequence[Audience]) -> Self:
        """Find it among audiences from the smallest on."""
        contents = [index for index, audience in enumerate(listed) if audience.all_content]
        after = contents[-1] + 1 if contents else 0
        return cls(
            held=listed[after - 1] if contents else None,
            exceeded=next(iter(listed[after:]), None),
            exceptions=tuple(audience for audience in listed[:after] if not audience.all_content),
        )

    def __str__(self) -> str:
        if self.held:
            at_least = "" if self.exceeded else "at least "
            number = int(self.held.wanted)
            return f"holds {at_least}{number} {'listener' if number == 1 else 'listeners'} in real time"
        return f"holds fewer than {self.exceeded.wanted:.1f} listeners" if self.exceeded else "holds an unknown number"
