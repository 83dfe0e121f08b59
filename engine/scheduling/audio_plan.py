"""How many states the decoder is fed at a time, and when."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.model.decoder import StreamingDecoder
from engine.scheduling.slot_table import SlotTable
from engine.settings import LONGEST_CHUNK_WAIT

_SIZES = (1, 2, 4, 8, 16, 32)
_LARGEST = _SIZES[-1]
_SHARE_OF_BUFFERED = 0.5  # of the audio that a listener has left, what may pass until the next feed


@dataclass(frozen=True)
class AudioPlan:
    """Small inputs come soon, large ones cost less.

    A listener's first audio comes after as few states as is exact. From then on a feed may wait as long as the audio
    handed over lasts, with a wide margin, so that inputs grow as the listener gets ahead. What nobody waits for is fed
    in the largest pieces.
    """

    first_states: int  # after which there is audio at all
    flush_states: int  # padding that brings out a sentence's last samples
    longest_wait: float = LONGEST_CHUNK_WAIT

    @classmethod
    def of(cls, decoder: StreamingDecoder, longest_wait: float) -> Self:
        """Plan for a decoder's receptive field."""
        return cls(decoder.first_states, decoder.flush_states, longest_wait)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Every size of a feed, ascending."""
        return _SIZES

    def min_states(self, buffered_seconds: float, step_seconds: float) -> int:
        """Return how many states to wait for when the listener has `lead` seconds left and a step takes so long."""
        patience = max(1.0, min(_SHARE_OF_BUFFERED * buffered_seconds, self.longest_wait) / step_seconds)
        return max(size for size in _SIZES if size <= patience)

    def counts(self, table: SlotTable, now: float) -> NDArray[np.int64]:
        """Return how many states to feed of every slot now; 0 where it is too early.

        A feed that has waited until it is `flush_at` takes what there is: its listener hears from it in the usual time,
        though others slow the steps down.
        """
        sizes = np.array(_SIZES)
        left = table.states - table.fed
        patient = (left >= table.min_states) | ((left > 0) & (now >= table.flush_at))
        ready = table.generating & np.where(table.urgent, patient, left >= _LARGEST)
        if (ready & table.urgent & ~table.decoding).any():
            # A call of the decoder for many costs little more than one for one: those who have half of what they wait
            # for come along, and so soon all are fed at the same time.
            ready |= table.generating & table.urgent & (table.fed > 0) & (2 * left >= table.min_states)
        fitting = sizes[np.searchsorted(sizes, np.maximum(left, 1), side="right") - 1]
        enough = sizes[np.minimum(np.searchsorted(sizes, left + self.flush_states), len(sizes) - 1)]
        counts = np.where(table.draining, enough, np.where(ready, fitting, 0))
        return np.where(table.decoding, 0, counts)

    def is_complete(self, states: int, fed: int) -> bool:
        """Whether all audio of a sentence of `states` is out."""
        return fed >= states + self.flush_states
