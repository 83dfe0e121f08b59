"""Which sentences get a slot: the order of heads, the reserve, the prefill limit. No tensors."""

import numpy as np

from engine.request import SpeechRequest
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.sequence import Sequence, Stage
from engine.scheduling.utterance import Utterance
from engine.speech import Chunk, Speech
from text.sentences import Sentence


def utterance(sentences: int, *, tokens: int = 10, whole: bool = False) -> Utterance:
    """Return a request; one with several sentences has already emitted audio."""
    request = SpeechRequest("text", whole=whole)
    sequences = [Sequence(request, index, Sentence("text", 0, 4), [0] * tokens) for index in range(sentences)]
    made = Utterance(request, sequences, Speech(wake_engine=lambda _: None), buffered_seconds=1.0)
    if sentences > 1:
        sequences[0].audio = [np.zeros(1, dtype=np.float32)]
        made.emit(now=0.0)
        take(made)
    return made


def take(utterance: Utterance) -> None:
    """Let the reader take a chunk."""
    assert isinstance(utterance.speech, Speech)
    utterance.speech.take()


def new_stream(sentences: int) -> Utterance:
    """Return a stream that has not emitted audio."""
    request = SpeechRequest("text")
    sequences = [Sequence(request, index, Sentence("text", 0, 4), [0] * 10) for index in range(sentences)]
    return Utterance(request, sequences, Speech(wake_engine=lambda _: None), buffered_seconds=1.0)


def start(scheduler: Scheduler) -> list[Sequence]:
    """Schedule a step, as if the prompts were then read."""
    prefill = [piece.sequence for piece in scheduler.schedule().prefill]
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


def test_a_stream_without_emitted_audio_does_not_run_ahead() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    scheduler.add(new_stream(20))
    assert [sequence.index for sequence in start(scheduler)] == [0]
    assert start(scheduler) == []


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


def test_prompts_are_read_whole_within_the_limit() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=25)
    for _ in range(3):
        scheduler.add(utterance(1, tokens=10))
    assert [len(start(scheduler)) for _ in range(3)] == [2, 1, 0]


def test_a_prompt_beyond_the_limit_is_read_in_chunks() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=25)
    scheduler.add(utterance(1, tokens=60))
    scheduler.add(utterance(1, tokens=10))
    pieces = [[(piece.begin, piece.end) for piece in scheduler.schedule().prefill] for _ in range(3)]
    assert pieces == [[(0, 25)], [(25, 50)], [(50, 60), (0, 10)]]


def test_a_step_may_read_less() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=100)
    scheduler.add(utterance(1, tokens=60))
    assert [piece.end for piece in scheduler.schedule(prefill_tokens=16).prefill] == [16]
    assert [piece.end for piece in scheduler.schedule().prefill] == [60]


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


def test_a_slow_reader_pauses_its_sentences() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    slow, other = utterance(2), utterance(1)
    scheduler.add(slow)
    scheduler.add(other)
    start(scheduler)
    slow.speech.put(Chunk((np.zeros(32001, dtype=np.float32),), (), 0, 0, final=False))
    assert scheduler.schedule().decode == [other.sequences[0]]
    take(slow)
    assert len(scheduler.schedule().decode) == 3


def test_the_stream_with_the_least_buffered_audio_runs_ahead_first() -> None:
    scheduler = Scheduler(slots=5, prefill_tokens=1000)
    early, late = utterance(20), utterance(20)
    early.playback_end, late.playback_end = 9.0, 2.0
    scheduler.add(early)
    scheduler.add(late)
    assert [sequence is late.sequences[sequence.index] for sequence in start(scheduler)] == [False, True, True, False]


def running(scheduler: Scheduler, count: int) -> list[Sequence]:
    for _ in range(count):
        scheduler.add(utterance(1))
    return start(scheduler)


def test_a_sentence_that_has_ended_takes_part_until_its_audio_is_decoded() -> None:
    scheduler = Scheduler(slots=4, prefill_tokens=1000)
    ended, other = running(scheduler, 2)
    ended.stage = Stage.DRAINING
    assert scheduler.schedule(rows=1).decode == [other, ended]
    scheduler.release(ended)
    assert scheduler.schedule().decode == [other]


def test_the_lowest_free_slot_is_taken() -> None:
    scheduler = Scheduler(slots=4, prefill_tokens=1000)
    first, second = running(scheduler, 2)
    scheduler.release(first)
    (third,) = running(scheduler, 1)
    assert (second.slot, third.slot) == (1, 0)


def test_streams_begin_up_to_the_stream_capacity() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    streams = [new_stream(2) for _ in range(3)]
    for each in streams:
        scheduler.add(each)
    plan = scheduler.schedule(stream_capacity=2)
    assert [piece.sequence for piece in plan.prefill] == [streams[0].sequences[0], streams[1].sequences[0]]
    assert (scheduler.active_streams, scheduler.waiting, scheduler.waiting_streams) == (2, 1, 1)
    scheduler.remove(streams[0])
    assert [piece.sequence for piece in scheduler.schedule(stream_capacity=2).prefill][-1] is streams[2].sequences[0]


def test_an_active_stream_goes_on_if_the_capacity_shrinks() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    stream = new_stream(2)
    scheduler.add(stream)
    (first,) = start(scheduler)
    first.audio = [np.zeros(1, dtype=np.float32)]
    first.stage = Stage.FINISHED
    scheduler.release(first)
    stream.emit(now=0.0)
    assert [piece.sequence for piece in scheduler.schedule(stream_capacity=0).prefill] == [stream.sequences[1]]


def test_the_stream_capacity_does_not_limit_whole_clips() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    stream, clip = new_stream(1), utterance(1, whole=True)
    scheduler.add(stream)
    scheduler.add(clip)
    assert [piece.sequence for piece in scheduler.schedule(stream_capacity=0).prefill] == [clip.sequences[0]]


def test_a_stream_with_a_slow_reader_does_not_count_against_the_capacity() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    slow, other = new_stream(1), new_stream(1)
    scheduler.add(slow)
    start(scheduler)
    scheduler.add(other)
    assert scheduler.schedule(stream_capacity=1).prefill == []
    slow.speech.put(Chunk((np.zeros(32001, dtype=np.float32),), (), 0, 0, final=False))
    assert [piece.sequence for piece in scheduler.schedule(stream_capacity=1).prefill] == [other.sequences[0]]


def test_sentences_that_are_not_urgent_pause_if_a_step_may_have_few_rows() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    stream, clip = utterance(3), utterance(2, whole=True)
    clip.sequences[0].audio = []
    scheduler.add(stream)
    scheduler.add(clip)
    start(scheduler)
    assert len(scheduler.schedule().decode) == 5
    assert scheduler.schedule(rows=2).decode == [stream.sequences[0], clip.sequences[0]]


def test_one_sentence_that_is_not_urgent_always_goes_on() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    stream, clip = new_stream(1), utterance(1, whole=True)
    scheduler.add(stream)
    scheduler.add(clip)
    assert len(scheduler.schedule(rows=1).prefill) == 2
    for sequence in scheduler.running:
        sequence.stage = Stage.GENERATING
    assert len(scheduler.schedule(rows=1).decode) == 2


def test_sentences_that_run_ahead_get_a_slot_only_if_a_step_has_room() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    scheduler.add(utterance(20))
    assert [piece.sequence.index for piece in scheduler.schedule(rows=3).prefill] == [0, 1, 2]


def test_the_oldest_long_clip_gets_most_slots_and_few_others_begin() -> None:
    scheduler = Scheduler(slots=12, prefill_tokens=1000)
    clips = [utterance(20, whole=True) for _ in range(6)]
    for clip in clips:
        scheduler.add(clip)
    start(scheduler)
    assert [clip.admitted for clip in clips] == [7, 1, 1, 0, 0, 0]


def test_short_whole_clips_fill_every_slot_in_their_order() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    clips = [utterance(1, whole=True) for _ in range(10)]
    for clip in clips:
        scheduler.add(clip)
    assert start(scheduler) == [clip.sequences[0] for clip in clips[:8]]


def test_one_suspect_runs_at_a_time_and_separately_from_other_requests() -> None:
    scheduler = Scheduler(slots=8, prefill_tokens=1000)
    first, second, other = utterance(1), utterance(1), utterance(1)
    first.suspect = second.suspect = True
    for each in (first, second, other):
        scheduler.add(each)
    start(scheduler)
    together, apart = scheduler.schedule().split(scheduler.suspect)
    assert together.decode == [other.sequences[0]]
    assert apart.decode == [first.sequences[0]]
    scheduler.remove(first)
    assert start(scheduler) == [second.sequences[0]]
