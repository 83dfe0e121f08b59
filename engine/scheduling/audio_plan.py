"""When the decoder is called, and with how many states."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.model.decoder import StreamingDecoder
from engine.scheduling.slot_table import SlotTable
from engine.settings import LONGEST_CHUNK_WAIT

_SIZES = (1, 2, 4, 8, 16, 32)
_LARGEST = _SIZES[-1]
_SHARE_OF_BUFFERED = 0.5  # of the buffered seconds that may pass until the next decoder input


@dataclass(frozen=True)
class AudioPlan:
    """Chooses the size of each decoder input: small inputs have low latency, large ones cost less per state.

    The first audio of a stream is decoded from the smallest exact input. After that, an input may wait for a share of
    the buffered seconds, so that inputs grow with the playback buffer. Audio that is not urgent is decoded in the
    largest inputs.
    """

    first_states: int  # states before the first audio
    flush_states: int  # padding states that flush a sentence's last samples
    longest_wait: float = LONGEST_CHUNK_WAIT

    @classmethod
    def of(cls, decoder: StreamingDecoder, longest_wait: float) -> Self:
        """Return a plan for a decoder's receptive field."""
        return cls(decoder.first_states, decoder.flush_states, longest_wait)

    @property
    def sizes(self) -> tuple[int, ...]:
        """All sizes of a decoder input, ascending."""
        return _SIZES

    def min_states(self, buffered_seconds: float, step_seconds: float) -> int:
        """Return the states to wait for, given the audio that is not played yet and the duration of a step."""
        steps = max(1.0, min(_SHARE_OF_BUFFERED * buffered_seconds, self.longest_wait) / step_seconds)
        return max(size for size in _SIZES if size <= steps)

    def counts(self, table: SlotTable, now: float) -> NDArray[np.int64]:
        """Return how many states of each slot to decode now; 0 where it is too early.

        At `flush_at`, a slot's input takes the available states, even if there are fewer than `min_states`: so the
        stream keeps its chunk interval when other requests slow the steps down.
        """
        sizes = np.array(_SIZES)
        left = table.states - table.fed
        due = (left >= table.min_states) | ((left > 0) & (now >= table.flush_at))
        ready = table.generating & np.where(table.urgent, due, left >= _LARGEST)
        if (ready & table.urgent & ~table.decoding).any():
            # A decoder call for many rows costs little more than one for a single row, so streams that have half of
            # their `min_states` join it. After some steps all streams are decoded in the same calls.
            ready |= table.generating & table.urgent & (table.fed > 0) & (2 * left >= table.min_states)
        fitting = sizes[np.searchsorted(sizes, np.maximum(left, 1), side="right") - 1]
        enough = sizes[np.minimum(np.searchsorted(sizes, left + self.flush_states), len(sizes) - 1)]
        counts = np.where(table.draining, enough, np.where(ready, fitting, 0))
        return np.where(table.decoding, 0, counts)

    def is_complete(self, states: int, fed: int) -> bool:
        """Whether `fed` states, padding included, have flushed all audio of a sentence of `states`."""
        return fed >= states + self.flush_states
