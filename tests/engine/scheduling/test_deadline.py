"""Which requests miss their deadline, and when they are checked. No tensors."""

import numpy as np
import pytest

from engine.request import SpeechRequest
from engine.scheduling.deadline import FirstAudioDeadline
from engine.scheduling.sequence import Sequence
from engine.scheduling.slot_table import NEVER
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
    early, later = arrived(1.0), arrived(2.0)
    deadline = deadline_of(early, later)
    assert deadline.late([early, later], 60.9) == []
    assert deadline.late([early, later], 61.0) == [early]
    assert deadline.late([later], 70.0) == [later]


def test_decoded_audio_meets_the_deadline_before_it_is_emitted() -> None:
    clip = arrived(1.0, whole=True)
    clip.add_audio(clip.sequences[0], np.zeros(1, dtype=np.float32))
    clip.retry(clip.sequences[0])
    assert deadline_of(clip).late([clip], 100.0) == []


def test_requests_are_not_checked_before_one_may_be_late() -> None:
    first, second = arrived(2.0), arrived(1.0)
    deadline = deadline_of(first, second)
    assert deadline.next == 61.0
    assert deadline.late((pytest.fail("checked") for _ in range(1)), 60.9) == []
    second.add_audio(second.sequences[0], np.zeros(1, dtype=np.float32))
    assert deadline.late([first, second], 61.5) == []
    assert deadline.next == 62.0
    assert deadline.late([first, second], 62.0) == [first]
    assert deadline.next == NEVER
