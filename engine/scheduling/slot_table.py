"""What the host knows of every slot, as arrays, so that a step's Python costs the same for one row as for hundreds."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scheduling.hallucination import HallucinationGuard
from engine.scheduling.sequence import Sequence

NEVER = float("inf")


class SlotTable:
    """Columns with one element for each slot, to read and to write; `sequences` holds whose it is."""

    def __init__(self, slots: int) -> None:
        self.attempt_id = np.zeros(
            slots, dtype=np.int64
        )  # a number of its own for every attempt; 0 where there is none
        self.generating = np.zeros(slots, dtype=np.bool_)
        self.draining = np.zeros(slots, dtype=np.bool_)  # every state is there, some of its audio is not
        self.states = np.zeros(slots, dtype=np.int64)  # hidden states that count as audio
        self.fed = np.zeros(slots, dtype=np.int64)  # states fed to the decoder, padding included
        self.limit = np.zeros(slots, dtype=np.int64)  # states at which the sentence is stopped
        self.guarded = np.zeros(slots, dtype=np.bool_)  # whether hallucinations end it
        self.decoding = np.zeros(slots, dtype=np.bool_)  # whether some of its audio is on its way
        self.urgent = np.zeros(slots, dtype=np.bool_)  # whether a listener waits for its audio
        self.min_states = np.zeros(slots, dtype=np.int64)  # states to wait for before the next feed
        self.flush_at = np.zeros(slots)  # when to feed what there is instead, in seconds
        self.playback_end = np.zeros(slots)  # when its listener runs out of audio, in seconds
        self._columns: list[NDArray[Any]] = list(vars(self).values())
        self.sequences: list[Sequence | None] = [None] * slots
        self.guard = HallucinationGuard(slots)
        self._attempt_ids = itertools.count(1)

    def owner(self, slot: int) -> Sequence:
        """Return whose slot it is; a `LookupError` if nobody's."""
        sequence = self.sequences[slot]
        if sequence is None:
            raise LookupError(f"slot {slot} is free")
        return sequence

    def begin(self, sequence: Sequence, *, min_states: int, urgent: bool, playback_end: float) -> None:
        """Start an attempt at a sentence in its slot."""
        slot = sequence.slot
        self.clear(slot)
        self.sequences[slot] = sequence
        self.attempt_id[slot] = next(self._attempt_ids)
        self.generating[slot] = True
        self.limit[slot] = sequence.token_limit
        self.guarded[slot] = sequence.request.sampling.retries > 0  # as upstream: without retries it does not look
        self.urgent[slot] = urgent
        self.min_states[slot] = min_states
        self.flush_at[slot] = NEVER
        self.playback_end[slot] = playback_end
        self.guard.begin(slot)

    def drain(self, slot: int) -> None:
        """Note that a sentence has all its states."""
        self.generating[slot] = False
        self.draining[slot] = True

    def clear(self, slot: int) -> None:
        """Forget who was there."""
        for column in self._columns:
            column[slot] = 0
        self.sequences[slot] = None

    def swap(self, first: int, second: int) -> None:
        """Exchange two rows."""
        for column in self._columns:
            column[[first, second]] = column[[second, first]]
        self.sequences[first], self.sequences[second] = self.sequences[second], self.sequences[first]
        self.guard.swap(first, second)
