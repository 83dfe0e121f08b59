"""What a run measures, and how thoroughly."""

from dataclasses import dataclass
from enum import StrEnum


class Scenario(StrEnum):
    """The parts of the benchmark, in the order in which they run."""

    MACHINE = "machine"
    STEPS = "steps"
    WHOLE = "whole"
    STREAMING = "streaming"
    BURST = "burst"
    LONG_TEXT = "long-text"


@dataclass(frozen=True)
class Options:
    """A run on the machine as it is asked for, `auto` not yet resolved."""

    device: str = "auto"
    dtype: str = "auto"
    slots: int = 64
    repeats: int = 3
    streams: tuple[int, ...] = (1, 4, 16, 32, 64)
    upstream_batches: tuple[int, ...] = (4, 16)
    running: int = 4  # streams when a burst comes
    newcomers: int = 16
    long_characters: int = 4000
    first_audio_trials: int = 5  # of each text, in each repeat
    matrix_rows: tuple[int, ...] = (64, 128, 256, 512)
    scenarios: tuple[Scenario, ...] = tuple(Scenario)

    @property
    def step_batches(self) -> tuple[int, ...]:
        """Numbers of rows whose decode step is timed."""
        return tuple(rows for rows in (1, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if rows <= self.slots)

    @property
    def decoder_shapes(self) -> tuple[tuple[int, int], ...]:
        """Rows and states whose decoding is timed."""
        return tuple((rows, states) for rows in (1, 16, 64) if rows <= self.slots for states in (4, 8, 32))


QUICK = Options(
    slots=8,
    repeats=1,
    streams=(1, 4),
    upstream_batches=(4,),
    running=2,
    newcomers=4,
    long_characters=600,
    first_audio_trials=2,
    matrix_rows=(64,),
)
"""Everything once and small: to see that it runs, not to learn a figure."""
