"""What making whole clips took, and the speed that it comes to."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Clips:
    """Seconds that passed, and seconds of audio made in them."""

    seconds: float
    audio: float

    @property
    def times_real_time(self) -> float:
        """Seconds of audio made a second."""
        return self.audio / self.seconds

    @classmethod
    def one_after_the_other(cls, clips: Iterable[Self]) -> Self:
        """Add up."""
        listed = list(clips)
        return cls(sum(each.seconds for each in listed), sum(each.audio for each in listed))


@dataclass(frozen=True)
class Speed:
    """The speed at `concurrency` texts at once, over all repeats."""

    concurrency: int
    times_real_time: float  # the median
    repeats: tuple[Clips, ...]

    @classmethod
    def of(cls, concurrency: int, repeats: Sequence[Clips]) -> Self:
        """Take the median."""
        return cls(concurrency, statistics.median(clips.times_real_time for clips in repeats), tuple(repeats))
