"""What streaming to many listeners at once comes to."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perf.percentile import percentile
from perf.stream import Stream


@dataclass(frozen=True)
class Streaming:
    """Figures of `concurrency` streams at once, over all streams of all repeats."""

    concurrency: int
    streams: int
    first_audio_p50: float  # seconds
    first_audio_p99: float
    times_real_time: float  # in total; the median of the repeats
    stalled: int  # streams that ran out of audio at least once
    worst_stall: float  # seconds, of one stream
    smallest_lead: float  # seconds still to be played when the next chunk came; negative where it came too late

    @classmethod
    def of(cls, concurrency: int, repeats: Sequence[Sequence[Stream]]) -> Self:
        """Sum up the repeats."""
        streams = [stream for repeat in repeats for stream in repeat]
        first = [stream.first_audio for stream in streams]
        return cls(
            concurrency=concurrency,
            streams=len(streams),
            first_audio_p50=percentile(first, 0.5),
            first_audio_p99=percentile(first, 0.99),
            times_real_time=statistics.median(map(times_real_time, repeats)),
            stalled=sum(stream.stall > 0 for stream in streams),
            worst_stall=max(stream.stall for stream in streams),
            smallest_lead=min(stream.smallest_lead() for stream in streams),
        )


def times_real_time(streams: Sequence[Stream]) -> float:
    """Return the seconds of audio a second, from the first request to the last chunk."""
    seconds = max(stream.ended for stream in streams) - min(stream.sent for stream in streams)
    return sum(stream.audio for stream in streams) / seconds
