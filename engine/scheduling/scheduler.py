"""Who runs in the next step. Knows requests, sentences and slots, but no tensors.

The unit is a sentence. The sentence that a listener waits for (the head of its request) comes before any that only
runs ahead, in the order of arrival; of those that run ahead, the one whose listener is closest to running out of
audio comes first. They leave some slots free, so that a long text never keeps a new request waiting.

Streams go first, whole clips take what is left, the oldest first, so that few of them are held in part. Where the
machine cannot keep more streams ahead of their listeners, further ones wait for their turn, and sentences that nobody
is about to hear pause.
"""

import heapq
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.utterance import Utterance

_RESERVED_SHARE = 4  # one slot in four is for heads only
_IDLE_SHARE = 8  # one row in eight of a decode step may idle before the rows are moved together


@dataclass(frozen=True)
class PromptChunk:
    """The chunk `[begin, end)` of a sentence's prompt."""

    sequence: Sequence
    begin: int
    end: int

    @property
    def starts_request(self) -> bool:
        """Whether nothing of its request was read before."""
        return self.begin == 0 and self.sequence.index == 0 and self.sequence.attempt == 0


@dataclass(frozen=True)
class Plan:
    """One step: first the contents of slots change places, then prompts are read, and rows decoded."""

    swaps: list[tuple[int, int]]
    prefill: list[PromptChunk]
    decode: list[Sequence]

    def split(self, suspect: Utterance | None) -> tuple["Plan", "Plan"]:
        """Return what runs together, swaps included, and what runs apart because it belongs to `suspect`."""
        if suspect is None:
            return self, Plan([], [], [])
        apart = set(suspect.sequences)
        return (
            Plan(
                self.swaps,
                [chunk for chunk in self.prefill if chunk.sequence not in apart],
                [sequence for sequence in self.decode if sequence not in apart],
            ),
            Plan(
                [],
                [chunk for chunk in self.prefill if chunk.sequence in apart],
                [sequence for sequence in self.decode if sequence in apart],
            ),
        )


class Scheduler:
    """Holds every open request and gives slots to their sentences."""

    def __init__(self, slots: int, prefill_tokens: int) -> None:
        self.slots = slots
        self.prefill_tokens = prefill_tokens
        self._reserved = slots // _RESERVED_SHARE
        self._free = list(range(slots))
        self._utterances: dict[Utterance, None] = {}  # in the order of arrival
        self._waiting: dict[Utterance, None] = {}  # those with a sentence that has had no slot yet
        self._active_streams: dict[Utterance, None] = {}  # streams that have had a slot
        self._running: dict[Sequence, Utterance] = {}
        self._suspects: dict[Utterance, None] = {}  # in the order in which they are tried

    @property
    def suspect(self) -> Utterance | None:
        """The one suspect request that may run now, in calls of its own."""
        return next(iter(self._suspects), None)

    @property
    def utterances(self) -> list[Utterance]:
        """Every open request, in the order of arrival."""
        return list(self._utterances)

    @property
    def running(self) -> dict[Sequence, Utterance]:
        """Every sentence that holds a slot, with its request."""
        return self._running

    @property
    def active_slots(self) -> int:
        """Slots that are taken."""
        return self.slots - len(self._free)

    @property
    def active_streams(self) -> int:
        """Streams that have begun."""
        return len(self._active_streams)

    def count_waiting(self) -> tuple[int, int]:
        """Count the requests none of whose sentences has had a slot, and how many of them are streams."""
        waiting = [utterance for utterance in self._waiting if utterance.admitted == 0]
        return len(waiting), sum(not utterance.request.whole for utterance in waiting)

    def add(self, utterance: Utterance) -> None:
        """Take in a request."""
        self._utterances[utterance] = None
        self._waiting[utterance] = None
        if utterance.suspect:
            self._suspects[utterance] = None

    def remove(self, utterance: Utterance) -> None:
        """Drop a request, finished or not, and free its slots."""
        for sequence in utterance.sequences:
            self.release(sequence)
        self._waiting.pop(utterance, None)
        self._active_streams.pop(utterance, None)
        self._suspects.pop(utterance, None)
        del self._utterances[utterance]

    def release(self, sequence: Sequence) -> None:
        """Free the slot of a sentence, if it holds one."""
        if self._running.pop(sequence, None) is not None:
            heapq.heappush(self._free, sequence.slot)
            sequence.slot = -1

    def schedule(
        self, prefill_tokens: int | None = None, rows: int = sys.maxsize, stream_capacity: int = sys.maxsize
    ) -> Plan:
        """Give free slots away and return what runs in the next step.

        It reads `prefill_tokens` of prompts at most (by default as many as it ever may), and goes on with `rows`
        sentences, or with those that listeners wait for if they are more, and always with one that nobody waits for.
        Streams begin while fewer than `listeners` are under way.
        """
        decode = self._decode(rows)
        prefill = self._prefill(
            self.prefill_tokens if prefill_tokens is None else prefill_tokens, rows, stream_capacity
        )
        return Plan(self._compact(decode + [chunk.sequence for chunk in prefill]), prefill, decode)

    def _decode(self, rows: int) -> list[Sequence]:
        """Return the sentences to go on with: those that listeners wait for, then whole clips, then what runs ahead."""
        ready = [
            (sequence, utterance)
            for sequence, utterance in self._running.items()
            if sequence.stage is Stage.GENERATING and not utterance.is_backpressured(sequence)
        ]
        if len(ready) <= rows:
            return [sequence for sequence, _ in ready]
        awaited = [sequence for sequence, utterance in ready if utterance.is_urgent(sequence)]
        others = [(sequence, utterance) for sequence, utterance in ready if not utterance.is_urgent(sequence)]
        others.sort(key=lambda pair: (not pair[1].request.whole, pair[1].playback_end))
        return awaited + [sequence for sequence, _ in others[: max(1, rows - len(awaited))]]

    def _prefill(self, limit: int, rows: int, stream_capacity: int) -> list[PromptChunk]:
        """Go on with prompts that are read in part, then admit sentences while there is room in the step."""
        chunks: list[PromptChunk] = []
        left = limit
        for utterance, sequence in self._to_read(rows, stream_capacity):
            length = len(sequence.prompt) - sequence.prompt_read
            if left == 0 or left < length <= limit:  # whole in the next step rather than cut in two
                break
            if sequence.slot < 0:
                self._admit(utterance, sequence)
            end = sequence.prompt_read + min(length, left)
            chunks.append(PromptChunk(sequence, sequence.prompt_read, end))
            left -= end - sequence.prompt_read
            sequence.prompt_read = end
        return chunks

    def _to_read(self, rows: int, stream_capacity: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Sentences with a prompt to read, the most urgent first, as far as the slots go."""
        yield from [(owner, sequence) for sequence, owner in self._running.items() if sequence.stage is Stage.PREFILL]
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
        if utterance.admitted == len(utterance.sequences):
            del self._waiting[utterance]

    def _candidates(self, rows: int, stream_capacity: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Sentences without a slot: those that listeners wait for, then whole clips, then what runs ahead."""
        waiting = [each for each in self._waiting if not each.suspect or each is self.suspect]
        streams = [utterance for utterance in waiting if not utterance.request.whole]
        yield from self._heads(streams, stream_capacity)
        yield from self._clips([utterance for utterance in waiting if utterance.request.whole], rows)
        yield from self._run_ahead(streams, rows)

    def _heads(self, streams: list[Utterance], stream_capacity: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Sentences that listeners wait for, in the order of arrival."""
        available = stream_capacity - self._count_consuming()
        for utterance in streams:
            sequence = utterance.sequences[utterance.admitted]
            begins = utterance.admitted == 0
            if not utterance.is_head(sequence) or (begins and available <= 0):
                continue
            available -= begins
            yield utterance, sequence

    def _clips(self, clips: list[Utterance], rows: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Sentences of whole clips, the oldest clip first.

        A few may begin before older ones have all that they want, so that a long one never keeps a short one waiting.
        """
        for utterance in clips:
            begun = sum(each.admitted > 0 for each in clips if each in self._waiting)
            if begun < self._reserved and utterance.admitted == 0 and self._has_room(rows):
                yield utterance, utterance.sequences[0]
        for utterance in clips:
            while utterance in self._waiting and self._has_room(rows):
                yield utterance, utterance.sequences[utterance.admitted]

    def _run_ahead(self, waiting: list[Utterance], rows: int) -> Iterator[tuple[Utterance, Sequence]]:
        """Sentences that run ahead of a listener, one of each request in turn, the most urgent first."""
        while waiting and self._has_room(rows):
            waiting = [utterance for utterance in waiting if utterance in self._waiting]
            eligible = [utterance for utterance in waiting if self._may_run_ahead(utterance)]
            if not eligible:
                return
            for utterance in sorted(eligible, key=lambda utterance: utterance.playback_end):
                if self._has_room(rows):
                    yield utterance, utterance.sequences[utterance.admitted]

    def _has_room(self, rows: int) -> bool:
        """Whether a step of so many rows has room for one more sentence that nobody waits for."""
        return len(self._running) < rows or all(owner.is_urgent(each) for each, owner in self._running.items())

    def _count_consuming(self) -> int:
        """Streams under way whose readers take what is made."""
        return sum(not utterance.reader_lags for utterance in self._active_streams)

    def _may_run_ahead(self, utterance: Utterance) -> bool:
        """Whether a stream may take slots for sentences that nobody waits for yet.

        One that is still silent may not: they would delay its own first audio.
        """
        return utterance.has_emitted and not utterance.is_backpressured(utterance.sequences[utterance.admitted])

    def _compact(self, busy: list[Sequence]) -> list[tuple[int, int]]:
        """Give sentences lower slots where too many rows of a decode step would idle; return which slots to swap.

        A decode step runs over the first slots, up to the last one in use.
        """
        rows = max((sequence.slot + 1 for sequence in busy), default=0)
        if (rows - len(busy)) * _IDLE_SHARE <= len(busy):
            return []
        taken = {sequence.slot for sequence in busy}
        owners = {sequence.slot: sequence for sequence in self._running}
        holes = [slot for slot in range(len(busy)) if slot not in taken]
        beyond = [sequence for sequence in busy if sequence.slot >= len(busy)]
        swaps = [(sequence.slot, hole) for sequence, hole in zip(beyond, holes, strict=True)]
        for source, target in swaps:
            owners[source].slot = target
            if target in owners:
                owners[target].slot = source
            else:
                self._free[self._free.index(target)] = source
        heapq.heapify(self._free)
        return swaps
