"""Who runs in the next step. Knows requests, sentences and slots, but no tensors.

The unit is a sentence. The sentence that a listener waits for (the head of its request) comes before any that only
runs ahead, in the order of arrival; sentences that run ahead leave some slots free, so that a long text never keeps a
new request waiting.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from engine.sequence import Sequence, Stage
from engine.utterance import Utterance

_RESERVED_SHARE = 4  # one slot in four is for heads only


@dataclass(frozen=True)
class Plan:
    """The sequences of one step."""

    prefill: list[Sequence]
    decode: list[Sequence]


class Scheduler:
    """Holds every open request and gives slots to their sentences."""

    def __init__(self, slots: int, prefill_tokens: int) -> None:
        self.slots = slots
        self._prefill_tokens = prefill_tokens
        self._reserved = slots // _RESERVED_SHARE
        self._free = list(range(slots))
        self._utterances: dict[Utterance, None] = {}  # in the order of arrival
        self._waiting: dict[Utterance, None] = {}  # those with a sentence that has had no slot yet
        self._running: dict[Sequence, Utterance] = {}

    @property
    def utterances(self) -> list[Utterance]:
        """Every open request, in the order of arrival."""
        return list(self._utterances)

    @property
    def running(self) -> dict[Sequence, Utterance]:
        """Every sequence that holds a slot, with its request."""
        return self._running

    @property
    def active_slots(self) -> int:
        """Slots that are taken."""
        return self.slots - len(self._free)

    @property
    def waiting(self) -> int:
        """Requests none of whose sentences has had a slot."""
        return sum(utterance.admitted == 0 for utterance in self._waiting)

    def add(self, utterance: Utterance) -> None:
        """Take in a request."""
        self._utterances[utterance] = None
        self._waiting[utterance] = None

    def remove(self, utterance: Utterance) -> None:
        """Drop a request, finished or not, and free its slots."""
        for sequence in utterance.sequences:
            self.release(sequence)
        self._waiting.pop(utterance, None)
        del self._utterances[utterance]

    def release(self, sequence: Sequence) -> None:
        """Free the slot of a sequence, if it holds one."""
        if self._running.pop(sequence, None) is not None:
            heapq.heappush(self._free, sequence.slot)
            sequence.slot = -1

    def schedule(self) -> Plan:
        """Give free slots away and return what runs in the next step."""
        self._admit()
        plan = Plan(prefill=[], decode=[])
        for sequence, utterance in self._running.items():
            if sequence.stage is Stage.PREFILL:
                plan.prefill.append(sequence)
            elif sequence.stage is Stage.GENERATING and not utterance.is_held_back(sequence):
                plan.decode.append(sequence)
        return plan

    def _admit(self) -> None:
        if not self._free or not self._waiting:
            return
        tokens = 0
        for utterance, sequence in self._candidates():
            if not self._free or (not utterance.is_head(sequence) and len(self._free) <= self._reserved):
                return
            tokens += len(sequence.prompt)
            if tokens > max(self._prefill_tokens, len(sequence.prompt)):
                return
            sequence.slot = heapq.heappop(self._free)
            sequence.stage = Stage.PREFILL
            self._running[sequence] = utterance
            utterance.admitted += 1
            if utterance.admitted == len(utterance.sequences):
                del self._waiting[utterance]

    def _candidates(self) -> Iterator[tuple[Utterance, Sequence]]:
        """Sentences without a slot: heads first, then one of each request in turn."""
        waiting = list(self._waiting)
        for utterance in waiting:
            sequence = utterance.sequences[utterance.admitted]
            if utterance.is_head(sequence):
                yield utterance, sequence
        while waiting:
            waiting = [utterance for utterance in waiting if utterance in self._waiting]
            eligible = [utterance for utterance in waiting if self._may_run_ahead(utterance)]
            if not eligible:
                return
            for utterance in eligible:
                yield utterance, utterance.sequences[utterance.admitted]

    def _may_run_ahead(self, utterance: Utterance) -> bool:
        return not utterance.is_held_back(utterance.sequences[utterance.admitted])
