"""The host's state of all slots as arrays, so that the Python time of a step does not grow with its rows."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scheduling.hallucination import HallucinationGuard
from engine.scheduling.sequence import Sequence

NEVER = float("inf")


class SlotTable:
    """Columns with one element per slot, to read and to write; `sequences` holds the owner of each slot."""

    def __init__(self, slots: int) -> None:
        self.attempt_id = np.zeros(slots, dtype=np.int64)  # unique for each attempt; 0 in a free slot
        self.generating = np.zeros(slots, dtype=np.bool_)
        self.draining = np.zeros(slots, dtype=np.bool_)  # all states are generated, but some audio is not decoded
        self.states = np.zeros(slots, dtype=np.int64)  # hidden states that are audio
        self.fed = np.zeros(slots, dtype=np.int64)  # states fed to the decoder, padding included
        self.limit = np.zeros(slots, dtype=np.int64)  # the number of states at which the sentence is stopped
        self.guarded = np.zeros(slots, dtype=np.bool_)  # whether a hallucination stops it
        self.decoding = np.zeros(slots, dtype=np.bool_)  # whether a decoder call for it is pending
        self.urgent = np.zeros(slots, dtype=np.bool_)  # whether its audio is next in its stream
        self.min_states = np.zeros(slots, dtype=np.int64)  # states to wait for before the next decoder input
        self.flush_at = np.zeros(slots)  # when to decode the available states anyway, in seconds of the clock
        self.playback_end = np.zeros(slots)  # when playback of the emitted audio ends, in seconds of the clock
        self._columns: list[NDArray[Any]] = list(vars(self).values())
        self.sequences: list[Sequence | None] = [None] * slots
        self.guard = HallucinationGuard(slots)
        self._attempt_ids = itertools.count(1)

    def owner(self, slot: int) -> Sequence:
        """Return the owner of a slot. Raises `LookupError` if the slot is free."""
        sequence = self.sequences[slot]
        if sequence is None:
            raise LookupError(f"slot {slot} is free")
        return sequence

    def begin(self, sequence: Sequence, *, min_states: int, urgent: bool, playback_end: float) -> None:
        """Begin an attempt of a sentence in its slot."""
        slot = sequence.slot
        self.clear(slot)
        self.sequences[slot] = sequence
        self.attempt_id[slot] = next(self._attempt_ids)
        self.generating[slot] = True
        self.limit[slot] = sequence.token_limit
        self.guarded[slot] = (
            sequence.request.sampling.retries > 0
        )  # upstream does not check either if there are no retries
        self.urgent[slot] = urgent
        self.min_states[slot] = min_states
        self.flush_at[slot] = NEVER
        self.playback_end[slot] = playback_end
        self.guard.begin(slot)

    def drain(self, slot: int) -> None:
        """Record that all states of a sentence are generated."""
        self.generating[slot] = False
        self.draining[slot] = True

    def clear(self, slot: int) -> None:
        """Free a slot."""
        for column in self._columns:
            column[slot] = 0
        self.sequences[slot] = None

    def swap(self, first: int, second: int) -> None:
        """Exchange two slots."""
        for column in self._columns:
            column[[first, second]] = column[[second, first]]
        self.sequences[first], self.sequences[second] = self.sequences[second], self.sequences[first]
        self.guard.swap(first, second)
