"""What the host knows of every slot, as arrays, so that a step's Python costs the same for one row as for hundreds."""

import itertools

import numpy as np
from numpy.typing import NDArray

from engine.hallucination import HallucinationGuard
from engine.sequence import Sequence

NEVER = float("inf")

_COLUMNS = np.dtype(
    [
        ("ticket", np.int64),  # a number of its own for every attempt at a sentence; 0 where there is none
        ("generating", np.bool_),
        ("draining", np.bool_),  # every state is there, some of its audio is not
        ("states", np.int64),  # hidden states that count as audio
        ("fed", np.int64),  # states fed to the decoder, padding included
        ("limit", np.int64),  # states at which the sentence is stopped
        ("guarded", np.bool_),  # whether hallucinations end it
        ("decoding", np.bool_),  # whether some of its audio is on its way
        ("urgent", np.bool_),  # whether a listener waits for its audio
        ("wanted", np.int64),  # states to wait for before the next feed
        ("due", np.float64),  # when to feed what there is instead, in seconds
        ("heard_until", np.float64),  # when its listener runs out of audio, in seconds
    ]
)


class SlotTable:
    """One row for each slot; `sequences` holds whose it is."""

    def __init__(self, slots: int) -> None:
        rows = np.zeros(slots, dtype=_COLUMNS)
        self._rows = rows
        # Views of the columns, to read and to write.
        self.ticket: NDArray[np.int64] = rows["ticket"]
        self.generating: NDArray[np.bool_] = rows["generating"]
        self.draining: NDArray[np.bool_] = rows["draining"]
        self.states: NDArray[np.int64] = rows["states"]
        self.fed: NDArray[np.int64] = rows["fed"]
        self.limit: NDArray[np.int64] = rows["limit"]
        self.guarded: NDArray[np.bool_] = rows["guarded"]
        self.decoding: NDArray[np.bool_] = rows["decoding"]
        self.urgent: NDArray[np.bool_] = rows["urgent"]
        self.wanted: NDArray[np.int64] = rows["wanted"]
        self.due: NDArray[np.float64] = rows["due"]
        self.heard_until: NDArray[np.float64] = rows["heard_until"]
        self.sequences: list[Sequence | None] = [None] * slots
        self.guard = HallucinationGuard(slots)
        self._tickets = itertools.count(1)

    def owner(self, slot: int) -> Sequence:
        """Return whose slot it is; a `LookupError` if nobody's."""
        sequence = self.sequences[slot]
        if sequence is None:
            raise LookupError(f"slot {slot} is free")
        return sequence

    def begin(self, sequence: Sequence, *, wanted: int, urgent: bool, heard_until: float) -> None:
        """Start an attempt at a sentence in its slot."""
        slot = sequence.slot
        self.sequences[slot] = sequence
        self._rows[slot] = np.zeros((), dtype=_COLUMNS)
        self.ticket[slot] = next(self._tickets)
        self.generating[slot] = True
        self.limit[slot] = sequence.token_limit
        self.guarded[slot] = sequence.request.sampling.retries > 0  # as upstream: without retries it does not look
        self.urgent[slot] = urgent
        self.wanted[slot] = wanted
        self.due[slot] = NEVER
        self.heard_until[slot] = heard_until
        self.guard.begin(slot)

    def drain(self, slot: int) -> None:
        """Note that a sentence has all its states."""
        self.generating[slot] = False
        self.draining[slot] = True

    def clear(self, slot: int) -> None:
        """Forget who was there."""
        self._rows[slot] = np.zeros((), dtype=_COLUMNS)
        self.sequences[slot] = None

    def swap(self, first: int, second: int) -> None:
        """Exchange two rows."""
        self._rows[[first, second]] = self._rows[[second, first]]
        self.sequences[first], self.sequences[second] = self.sequences[second], self.sequences[first]
        self.guard.swap(first, second)
