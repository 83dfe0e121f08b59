"""What a long text takes, against a short one."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class LongTextRun:
    """One repeat; seconds. The first audio was measured several times, of the two texts in turn."""

    first_audio: tuple[float, ...]
    first_audio_short: tuple[float, ...]
    whole: float
    audio: float  # in all
    longest_sentence: float  # to make it whole and alone


@dataclass(frozen=True)
class LongText:
    """The medians of all repeats, in seconds."""

    characters: int
    characters_short: int
    first_audio: float
    first_audio_short: float
    whole: float
    audio: float
    longest_sentence: float

    @classmethod
    def of(cls, text: str, short: str, runs: Sequence[LongTextRun]) -> Self:
        """Take the medians."""
        return cls(
            characters=len(text),
            characters_short=len(short),
            first_audio=statistics.median(seconds for run in runs for seconds in run.first_audio),
            first_audio_short=statistics.median(seconds for run in runs for seconds in run.first_audio_short),
            whole=statistics.median(run.whole for run in runs),
            audio=statistics.median(run.audio for run in runs),
            longest_sentence=statistics.median(run.longest_sentence for run in runs),
        )

    def allowed(self, times_real_time: float) -> float:
        """Return twice the longest sentence plus the text's share, of an engine that makes audio at that speed."""
        return 2 * self.longest_sentence + self.audio / times_real_time
