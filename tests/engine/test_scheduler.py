"""Who gets a slot: the order of heads, the reserve, the prefill cap. No tensors."""

import numpy as np

from engine.request import SpeechRequest
from engine.scheduler import Scheduler
from engine.sequence import Sequence, Stage
from engine.speech import Chunk, Speech
from engine.text import Sentence
from engine.utterance import Utterance


def utterance(sentences: int, *, tokens: int = 10, whole: bool = False) -> Utterance:
    request = SpeechRequest("text", whole=whole)
    sequences = [Sequence(request, index, Sentence("text", 0, 4), [0] * tokens) for index in range(sentences)]
    return Utterance(request, sequences, Speech(wake_engine=lambda: None), buffered_seconds=1.0)


def start(scheduler: Scheduler) -> list[Sequence]:
    """Do a step's scheduling and pretend that the prompts were read."""
    prefill = scheduler.schedule().prefill
    for sequence in prefill:
        sequence.stage = Stage.GENERATING
    return prefill


def test_sentences_that_run_ahead_leave_a_reserve() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    scheduler.add(utterance(20))
    assert len(start(scheduler)) == 6
    assert start(scheduler) == []
    late = utterance(3)
    scheduler.add(late)
    assert start(scheduler) == [late.sequences[0]]


def test_heads_go_before_sentences_that_run_ahead() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    first, second = utterance(20), utterance(20)
    scheduler.add(first)
    scheduler.add(second)
    order = [(sequence is first.sequences[sequence.index], sequence.index) for sequence in start(scheduler)]
    assert order == [(True, 0), (False, 0), (True, 1), (False, 1), (True, 2), (False, 2)]


def test_heads_go_in_the_order_of_arrival() -> None:
    scheduler = Scheduler(slots=1, prefill_tokens=1000)
    arrived = [utterance(1) for _ in range(3)]
    for each in arrived:
        scheduler.add(each)
    served = []
    for _ in arrived:
        (sequence,) = start(scheduler)
        served.append(sequence)
        scheduler.release(sequence)
    assert served == [each.sequences[0] for each in arrived]


def test_prefill_is_capped_but_never_stuck() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=25)
    for _ in range(3):
        scheduler.add(utterance(1, tokens=10))
    scheduler.add(utterance(1, tokens=300))
    assert [len(start(scheduler)) for _ in range(4)] == [2, 1, 1, 0]


def test_removing_a_request_frees_its_slots() -> None:
    scheduler = Scheduler(slots=4, prefill_tokens=1000)
    gone = utterance(10)
    scheduler.add(gone)
    start(scheduler)
    assert scheduler.active_slots == 3
    scheduler.remove(gone)
    assert scheduler.active_slots == 0
    assert scheduler.running == {}
    assert scheduler.schedule().decode == []


def test_one_slot_is_enough_for_many_sentences() -> None:
    scheduler = Scheduler(slots=1, prefill_tokens=1000)
    scheduler.add(utterance(3, whole=True))
    served = []
    while prefill := start(scheduler):
        served += [sequence.index for sequence in prefill]
        prefill[0].stage = Stage.FINISHED
        scheduler.release(prefill[0])
    assert served == [0, 1, 2]


def test_a_reader_that_lags_idles_its_rows() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    slow, other = utterance(2), utterance(1)
    scheduler.add(slow)
    scheduler.add(other)
    start(scheduler)
    slow.speech.put(Chunk(np.zeros(32001, dtype=np.float32), (), 0, 0, final=False))
    assert scheduler.schedule().decode == [other.sequences[0]]
    slow.speech.take()
    assert len(scheduler.schedule().decode) == 3
