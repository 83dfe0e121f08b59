"""What the device knows of the sentence in each slot, so that it finds by itself where a sentence ends."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.hallucination import LONGEST_RUN, run_of_similar

Rows = slice | Tensor
"""The slots of a step: the first ones, or a list `[R]`."""


class Ending(IntEnum):
    """Whether and why a sentence has ended."""

    UNREAD = -1  # its prompt has not been read to the end
    NONE = 0
    END_TOKEN = 1
    LIMIT = 2  # of its states
    HALLUCINATION = 3


class SentenceTable:
    """Columns `[slots]` in int64, and two hidden states of each slot in float32."""

    def __init__(self, columns: Tensor, hidden: Tensor, previous: Tensor) -> None:
        """Take what `new` makes, which is changed."""
        self.columns = columns
        self.position, self.states, self.fed, self.ending, self._similar, self._limit, self._guarded = columns
        self.hidden = hidden
        """The final state of the last token that was read: the next token is drawn from it."""
        self.previous = previous
        """The last state that is audio."""

    @classmethod
    def new(cls, slots: int, hidden_size: int, device: torch.device) -> "SentenceTable":
        """Return a table without sentences."""
        columns = torch.zeros(7, slots, dtype=torch.int64, device=device)
        table = cls(columns, *torch.zeros(2, slots, hidden_size, device=device))
        table.ending.fill_(Ending.UNREAD)
        return table

    @staticmethod
    def beginnings(position: Sequence[int], limit: Sequence[int], *, guarded: Sequence[bool]) -> NDArray[np.int64]:
        """Return the columns `[7, N]` of sentences whose prompts have `position` tokens."""
        zeros = [0] * len(position)
        return np.array([position, zeros, zeros, [Ending.UNREAD] * len(position), zeros, limit, guarded])

    def begin(self, slots: Tensor, beginnings: Tensor) -> None:
        """Begin sentences; a decode step may run over their slots before their prompts are read."""
        self.columns[:, slots] = beginnings

    def start(self, slots: Tensor, hidden: Tensor) -> None:
        """Let the first tokens be drawn from the final states `[N, H]` of the prompts."""
        self.hidden[slots] = hidden
        self.ending[slots] = Ending.NONE

    def speaking(self, rows: Rows) -> Tensor:
        """Return which sentences have not ended, `[R]`."""
        speaking: Tensor = self.ending[rows] == Ending.NONE
        return speaking

    def draw(self, rows: Rows, *, grows: Tensor, ends: Tensor) -> Tensor:
        """Take in the tokens that were drawn; return which sentences go on, `[R]`.

        The states of those that grow are audio; those that end have drawn the end token. The others do not change.
        """
        hidden, states = self.hidden[rows], self.states[rows]
        distance = (hidden - self.previous[rows]).abs().sum(dim=-1)
        run = run_of_similar(self._similar[rows], torch.where(states > 0, distance, torch.inf))
        states = states + grows
        ending = torch.where(ends, Ending.END_TOKEN, self.ending[rows])
        ending = torch.where(grows & (states == self._limit[rows]), Ending.LIMIT, ending)
        ending = torch.where(grows & (self._guarded[rows] > 0) & (run > LONGEST_RUN), Ending.HALLUCINATION, ending)
        self._similar[rows] = torch.where(grows, run, self._similar[rows])
        self.previous[rows] = torch.where(grows[:, None], hidden, self.previous[rows])
        self.states[rows] = states
        self.ending[rows] = ending
        return grows & (ending == Ending.NONE)

    def read(self, rows: Rows, hidden: Tensor, goes_on: Tensor) -> None:
        """Take in the final states `[R, H]` of the tokens that were read, for the sentences that go on."""
        self.hidden[rows] = torch.where(goes_on[:, None], hidden, self.hidden[rows])
        self.position[rows] = self.position[rows] + goes_on
