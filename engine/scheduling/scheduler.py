"""Chooses what the next beat works on. Knows requests, sentences and slots, but no tensors.

The unit of scheduling is a sentence. The head of a request is the sentence whose audio is emitted next; its other
sentences run ahead. Heads come first, in the order of arrival. Sentences that run ahead come next, ordered by the
buffered audio of their stream. They leave some slots free, so that a long text never delays a new request.

Streams come before whole clips. Whole clips get the remaining slots, the oldest first, so that few of them are
partly done. Streams beyond the stream capacity wait in the queue, and sentences that run ahead pause when a step may
not have more rows.
"""

import heapq
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.utterance import Utterance

# To look one up in the class takes as long as all else that a beat does with most sentences.
_PREFILL, _GENERATING, _DRAINING = Stage.PREFILL, Stage.GENERATING, Stage.DRAINING

_RESERVED_SHARE = 4  # one slot in four is reserved for heads


@dataclass(frozen=True)
class PromptChunk:
    """The chunk `[begin, end)` of a sentence's prompt, in tokens."""

    sequence: Sequence
    begin: int
    end: int

    @property
    def starts_request(self) -> bool:
        """Whether it is the first chunk of its request."""
        return self.begin == 0 and self.sequence.index == 0 and self.sequence.attempt == 0


@dataclass(frozen=True)
class Plan:
    """The work of one beat, in this order: read prompt chunks; draw tokens of each sentence and decode their audio."""

    prefill: list[PromptChunk]
    decode: list[Sequence]

    def split(self, suspect: Utterance | None) -> tuple["Plan", "Plan"]:
        """Return the plan without the sentences of `suspect`, and a plan with only those."""
        if suspect is None:
            return self, Plan([], [])
        own = set(suspect.sequences)
        return (
            Plan(
                [chunk for chunk in self.prefill if chunk.sequence not in own],
                [sequence for sequence in self.decode if sequence not in own],
            ),
            Plan(
                [chunk for chunk in self.prefill if chunk.sequence in own],
                [sequence for sequence in self.decode if sequence in own],
            ),
        )


class Scheduler:
    """Holds all open requests and assigns slots to their sentences. Its numbers may be read on any thread."""

    def __init__(self, slots: int, prefill_tokens: int) -> None:
        self.slots = slots
        self.prefill_tokens = prefill_tokens
        self._reserved = slots // _RESERVED_SHARE
        self._free = list(range(slots))
        self._utterances: dict[Utterance, None] = {}  # in the order of arrival
        # Requests with a sentence that has had no slot yet, in the order of arrival: those of which none has, and the
        # others. Suspects are apart.
        self._new_streams: dict[Utterance, None] = {}
        self._new_clips: dict[Utterance, None] = {}
        self._begun_streams: dict[Utterance, None] = {}
        self._begun_clips: dict[Utterance, None] = {}
        self._active_streams: dict[Utterance, None] = {}  # streams that have had a slot
        self._running: dict[Sequence, Utterance] = {}
        self._suspects: dict[Utterance, None] = {}  # in the order in which they run

    @property
    def suspect(self) -> Utterance | None:
        """The suspect request that may run now, in runner calls of its own."""
        return next(iter(self._suspects), None)

    @property
    def utterances(self) -> list[Utterance]:
        """All open requests, in the order of arrival."""
        return list(self._utterances)

    @property
    def running(self) -> dict[Sequence, Utterance]:
        """All sentences that have a slot, with their requests."""
        return self._running

    @property
    def active_slots(self) -> int:
        """The number of slots in use."""
        return self.slots - len(self._free)

    @property
    def streams(self) -> Iterable[Utterance]:
        """The streams that have had a slot."""
        return self._active_streams

    @property
    def active_streams(self) -> int:
        """The number of streams that have had a slot."""
        return len(self._active_streams)

    @property
    def waiting(self) -> int:
        """The number of queued requests: no sentence has had a slot."""
        return self.waiting_streams + len(self._new_clips)

    @property
    def waiting_streams(self) -> int:
        """The number of streams among them, with all suspects that have not had their turn."""
        return len(self._new_streams) + max(0, len(self._suspects) - 1)

    def add(self, utterance: Utterance) -> None:
        """Add a request."""
        self._utterances[utterance] = None
        if utterance.suspect:
            self._suspects[utterance] = None
        elif utterance.request.whole:
            self._new_clips[utterance] = None
        else:
            self._new_streams[utterance] = None

    def remove(self, utterance: Utterance) -> None:
        """Remove a request and free its slots."""
        for sequence in utterance.sequences:
            self.release(sequence)
        for group in (
            self._new_streams,
            self._new_clips,
            self._begun_streams,
            self._begun_clips,
            self._active_streams,
            self._suspects,
        ):
            group.pop(utterance, None)
        del self._utterances[utterance]

    def release(self, sequence: Sequence) -> None:
        """Free the slot of a sentence, if it has one."""
        if self._running.pop(sequence, None) is not None:
            heapq.heappush(self._free, sequence.slot)
            sequence.slot = -1

    def schedule(
        self, prefill_tokens: int | None = None, rows: int = sys.maxsize, stream_capacity: int = sys.maxsize
    ) -> Plan:
        """Assign free slots and return the plan of the next beat.

        The beat reads at most `prefill_tokens` tokens of prompts (by default the scheduler's limit). It decodes up to
        `rows` sentences, but all heads of streams and at least one other sentence in any case. New streams start while
        fewer than `stream_capacity` are active.
        """
        decode = self._decode(rows)
        prefill = self._prefill(
            self.prefill_tokens if prefill_tokens is None else prefill_tokens, rows, stream_capacity
        )
        return Plan(prefill, decode)

    def _decode(self, rows: int) -> list[Sequence]:
        """Return the sentences to decode: heads of streams, then whole clips, then sentences that run ahead.

        Sentences that have ended are among them until all of their audio is decoded.
        """
        draining = [sequence for sequence in self._running if sequence.stage is _DRAINING]
        ready = [
            (sequence, utterance)
            for sequence, utterance in self._running.items()
            if sequence.stage is _GENERATING and (utterance.request.whole or not utterance.is_backpressured(sequence))
        ]
        if len(ready) <= rows:
            return [sequence for sequence, _ in ready] + draining
        heads = [sequence for sequence, utterance in ready if utterance.is_urgent(sequence)]
        others = [(sequence, utterance) for sequence, utterance in ready if not utterance.is_urgent(sequence)]
        others.sort(key=lambda pair: (not pair[1].request.whole, pair[1].playback_end))
        return heads + [sequence for sequence, _ in others[: max(1, rows - len(heads))]] + draining

    def _prefill(self, limit: int, rows: int, stream_capacity: int) -> list[PromptChunk]:
        """Continue the prompts that are partly read, then admit sentences while the step has room for their prompts."""
        chunks: list[PromptChunk] = []
        left = limit
        for utterance, sequence in self._to_read(rows, stream_capacity):
            length = len(sequence.prompt) - sequence.prompt_read
            if left == 0 or left < length <= limit:  # read it whole in the next step instead of in two chunks
                break
            if sequence.slot < 0:
                self._admit(utterance, sequence)
            end = sequence.prompt_read + min(length, left)
            chunks.append(PromptChunk(sequence, sequence.prompt_read, end))
            left -= end - sequence.prompt_read
            sequence.prompt_read = end
        return chunks

    def _to_read(self, rows: int, stream_capacity: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Yield sentences with a prompt to read, the most urgent first, while there are free slots."""
        yield from [(owner, sequence) for sequence, owner in self._running.items() if sequence.stage is _PREFILL]
        for utterance, sequence in self._candidates(rows, stream_capacity):
            if not self._free or (not utterance.is_head(sequence) and len(self._free) <= self._reserved):
                return
            yield utterance, sequence

    def _admit(self, utterance: Utterance, sequence: Sequence) -> None:
        sequence.slot = heapq.heappop(self._free)
        sequence.stage = Stage.PREFILL
        self._running[sequence] = utterance
        utterance.admitted += 1
        if not utterance.request.whole:
            self._active_streams[utterance] = None
        if utterance.suspect:
            return
        new, begun = (
            (self._new_clips, self._begun_clips)
            if utterance.request.whole
            else (self._new_streams, self._begun_streams)
        )
        new.pop(utterance, None)
        if utterance.admitted < len(utterance.sequences):
            begun[utterance] = None
        else:
            begun.pop(utterance, None)

    def _candidates(self, rows: int, stream_capacity: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Yield sentences without a slot: heads of streams, then whole clips, then sentences that run ahead.

        Each one must have been admitted before the next is asked for.
        """
        if (suspect := self.suspect) is not None:
            yield from ((suspect, sequence) for sequence in suspect.sequences[suspect.admitted :])
        yield from self._heads(stream_capacity)
        yield from self._clips(rows)
        yield from self._run_ahead(rows)

    def _heads(self, stream_capacity: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Yield the heads of streams without a slot, in the order of arrival."""
        for utterance in list(self._begun_streams):
            sequence = utterance.sequences[utterance.admitted]
            if utterance.is_head(sequence):
                yield utterance, sequence
        available = min(stream_capacity - self._count_consuming(), len(self._free))
        for utterance in list(itertools.islice(self._new_streams, max(0, available))):
            yield utterance, utterance.sequences[0]

    def _clips(self, rows: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Yield sentences of whole clips, the oldest clip first.

        A few clips may begin before older ones have all their slots, so that a long clip never delays a short one.
        """
        while self._new_clips and len(self._begun_clips) < self._reserved and self._has_room(rows):
            utterance = next(iter(self._new_clips))
            yield utterance, utterance.sequences[0]
        while (self._begun_clips or self._new_clips) and self._has_room(rows):
            utterance = next(iter(self._begun_clips or self._new_clips))
            yield utterance, utterance.sequences[utterance.admitted]

    def _run_ahead(self, rows: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Yield sentences that run ahead: one of each stream in turn, the least buffered audio first."""
        while self._has_room(rows):
            eligible = [utterance for utterance in self._begun_streams if self._may_run_ahead(utterance)]
            if not eligible:
                return
            for utterance in sorted(eligible, key=lambda utterance: utterance.playback_end):
                if self._has_room(rows):
                    yield utterance, utterance.sequences[utterance.admitted]

    def _has_room(self, rows: int) -> bool:
        """Whether a step of `rows` rows has room for another sentence that is not urgent."""
        return len(self._running) < rows or all(owner.is_urgent(each) for each, owner in self._running.items())

    def _count_consuming(self) -> int:
        """Count the active streams whose readers keep up."""
        return sum(not utterance.reader_lags for utterance in self._active_streams)

    def _may_run_ahead(self, utterance: Utterance) -> bool:
        """Whether a stream may have slots for sentences that run ahead.

        Not before it has emitted audio: they would delay its own first audio.
        """
        return utterance.has_emitted and not utterance.is_backpressured(utterance.sequences[utterance.admitted])
