"""How many states the decoder is fed at a time."""

from dataclasses import dataclass
from typing import Self

from engine.decoder import StreamingDecoder
from engine.sequence import Sequence, Stage

_LARGEST_FEED = 32


@dataclass(frozen=True)
class AudioPlan:
    """A listener's first audio comes after as few states as is exact; then feeds double, since large ones cost less."""

    sizes: tuple[int, ...]  # of feeds, ascending, each twice the one before
    flush_states: int  # padding that brings out a sentence's last samples

    @classmethod
    def of(cls, decoder: StreamingDecoder) -> Self:
        """Plan for a decoder's receptive field."""
        sizes = [decoder.first_states]
        while sizes[-1] < _LARGEST_FEED:
            sizes.append(2 * sizes[-1])
        return cls(tuple(sizes), decoder.flush_states)

    def next_feed(self, sequence: Sequence, *, urgent: bool) -> int | None:
        """Return how many states to feed now, or None if it is too early."""
        left = sequence.states - sequence.fed
        if sequence.stage is Stage.DRAINING:
            wanted = left + self.flush_states
            return next((size for size in self.sizes if size >= wanted), self.sizes[-1])
        least = self.sizes[min(sequence.feeds, len(self.sizes) - 1)] if urgent else self.sizes[-1]
        if sequence.stage is not Stage.GENERATING or left < least:
            return None
        return max(size for size in self.sizes if size <= left)

    def is_complete(self, sequence: Sequence) -> bool:
        """Whether all audio of a sentence is out."""
        return sequence.stage is Stage.DRAINING and sequence.fed >= sequence.states + self.flush_states
