"""When the decoder is called, and with how many states."""

from engine.request import SpeechRequest
from engine.scheduling.audio_plan import AudioPlan
from engine.scheduling.sequence import Sequence
from engine.scheduling.slot_table import NEVER, SlotTable
from text.sentences import Sentence

PLAN = AudioPlan(first_states=4, flush_states=3)


def table(*, urgent: bool, states: int, fed: int = 0, min_states: int = 4, flush_at: float = NEVER) -> SlotTable:
    """A table whose slot 1 holds a sentence."""
    table = SlotTable(2)
    sequence = Sequence(SpeechRequest("text"), 0, Sentence("text", 0, 4), [0] * 10)
    sequence.slot = 1
    table.begin(sequence, min_states=min_states, urgent=urgent, playback_end=NEVER)
    table.states[1], table.fed[1], table.flush_at[1] = states, fed, flush_at
    return table


def count(table: SlotTable, now: float = 0.0) -> int:
    free, count = PLAN.counts(table, now).tolist()
    assert free == 0
    return int(count)


def test_the_first_input_is_the_smallest_that_is_exact() -> None:
    assert [count(table(urgent=True, states=states)) for states in (0, 3, 4)] == [0, 0, 4]


def test_an_input_takes_the_available_states_at_its_flush_time() -> None:
    waiting = table(urgent=True, states=9, fed=4, min_states=8, flush_at=1.0)
    assert count(waiting, now=0.9) == 0
    assert count(waiting, now=1.0) == 4
    waiting.states[1] = 12
    assert count(waiting, now=0.9) == 8


def test_a_slot_without_new_states_is_not_due() -> None:
    assert count(table(urgent=True, states=4, fed=4, flush_at=0.0), now=1.0) == 0


def test_audio_that_is_not_urgent_is_decoded_in_the_largest_inputs() -> None:
    assert [count(table(urgent=False, states=states)) for states in (31, 32, 63)] == [0, 32, 32]


def test_the_end_of_a_sentence_is_flushed() -> None:
    for urgent in (False, True):
        ending = table(urgent=urgent, states=40)
        ending.drain(1)
        assert count(ending) == 32
        ending.fed[1] = 32
        assert count(ending) == 16
        assert PLAN.is_complete(40, 48)
        assert not PLAN.is_complete(40, 42)


def test_a_slot_has_one_pending_input() -> None:
    busy = table(urgent=True, states=40)
    busy.decoding[1] = True
    assert count(busy) == 0


def test_inputs_grow_with_the_buffered_audio() -> None:
    assert [PLAN.min_states(buffered, step_seconds=0.01) for buffered in (-1.0, 0.02, 0.05, 0.1, 1.0, 9.0)] == [
        1,
        1,
        2,
        4,
        16,
        16,
    ]


def test_chunks_come_at_a_steady_rate_even_if_steps_are_slow() -> None:
    assert [PLAN.min_states(9.0, step_seconds) for step_seconds in (0.001, 0.02, 0.1, 1.0)] == [32, 8, 2, 1]


def two_streams(states: int, fed: int) -> SlotTable:
    """A table in which 4 states of slot 1 are due, and slot 0 has fewer than its `min_states` of 4."""
    both = table(urgent=True, states=12, fed=8)
    other = Sequence(SpeechRequest("text"), 0, Sentence("text", 0, 4), [0] * 10)
    other.slot = 0
    both.begin(other, min_states=4, urgent=True, playback_end=NEVER)
    both.states[0], both.fed[0] = states, fed
    return both


def test_a_stream_with_half_of_its_min_states_joins_the_call_of_another() -> None:
    assert PLAN.counts(two_streams(states=10, fed=8), now=0.0).tolist() == [2, 4]
    assert PLAN.counts(two_streams(states=9, fed=8), now=0.0).tolist() == [0, 4]


def test_no_stream_joins_a_call_before_its_first_audio() -> None:
    assert PLAN.counts(two_streams(states=3, fed=0), now=0.0).tolist() == [0, 4]
