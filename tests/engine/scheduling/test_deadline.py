"""Which requests miss their deadline, and when they are checked. No tensors."""

import numpy as np

from engine.request import SpeechRequest
from engine.scheduling.deadline import NEVER, FirstAudioDeadline
from engine.scheduling.sequence import Sequence
from engine.scheduling.utterance import Utterance
from engine.speech import Speech
from text.sentences import Sentence


def arrived(at: float, *, whole: bool = False) -> Utterance:
    request = SpeechRequest("text", whole=whole)
    sequences = [Sequence(request, 0, Sentence("text", 0, 4), [0] * 10)]
    return Utterance(request, sequences, Speech(wake_engine=lambda _: None), buffered_seconds=1.0, arrived=at)


def deadline_of(*utterances: Utterance) -> FirstAudioDeadline:
    deadline = FirstAudioDeadline(60.0)
    for utterance in utterances:
        deadline.add(utterance)
    return deadline


def test_a_request_without_audio_is_late_at_its_deadline() -> None:
    later, early = arrived(2.0), arrived(1.0)
    deadline = deadline_of(later, early)
    assert deadline.late(60.9) == []
    assert deadline.late(61.0) == [early]
    assert deadline.late(70.0) == [later]
    assert deadline.late(99.0) == []


def test_decoded_audio_meets_the_deadline_before_it_is_emitted() -> None:
    clip = arrived(1.0, whole=True)
    clip.add_audio(clip.sequences[0], np.zeros(1, dtype=np.float32))
    clip.retry(clip.sequences[0])
    assert deadline_of(clip).late(100.0) == []


def test_the_next_deadline_is_that_of_a_request_that_waits() -> None:
    first, second, third = arrived(2.0), arrived(1.0), arrived(3.0)
    deadline = deadline_of(first, second, third)
    assert deadline.next == 61.0
    second.add_audio(second.sequences[0], np.zeros(1, dtype=np.float32))
    assert deadline.next == 62.0
    first.closed = True
    assert deadline.next == 63.0
    assert deadline.late(63.0) == [third]
    assert deadline.next == NEVER
