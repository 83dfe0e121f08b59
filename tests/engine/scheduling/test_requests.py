"""How requests end."""

import pytest

from engine.errors import Cancelled, TimedOut
from engine.observations import Observations, Quantity
from engine.request import SpeechRequest
from engine.scheduling.deadline import FirstAudioDeadline
from engine.scheduling.requests import Requests
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.sequence import Sequence
from engine.scheduling.utterance import Utterance
from engine.speech import Speech
from text.sentences import Sentence


class Ended:
    """Counts the requests that have been closed."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> None:
        self.number += 1


@pytest.fixture
def ended() -> Ended:
    return Ended()


@pytest.fixture
def requests(ended: Ended) -> Requests:
    return Requests(Scheduler(2, 512), Observations(), ended, FirstAudioDeadline(60.0), lambda: 100.0)


def request(arrived: float = 90.0) -> Utterance:
    sequences = [Sequence(SpeechRequest("text"), 0, Sentence("text", 0, 4), [0] * 10)]
    return Utterance(SpeechRequest("text"), sequences, Speech(lambda _: None), 30.0, arrived)


def speech_of(utterance: Utterance) -> Speech:
    assert isinstance(utterance.speech, Speech)
    return utterance.speech


def test_a_caller_that_left_ends_its_request_and_no_other(requests: Requests, ended: Ended) -> None:
    leaving, staying = request(), request()
    for each in (leaving, staying):
        requests.add(each)
    speech_of(leaving).cancel(since=97.0)
    requests.left(leaving.speech)
    requests.left(leaving.speech)
    requests.drop()
    with pytest.raises(Cancelled):
        speech_of(leaving).take()
    assert (ended.number, requests.counters.cancelled, staying.closed) == (1, 1, False)
    assert requests._observations.take() == [(Quantity.CANCEL, 3.0)]


def test_a_caller_may_leave_before_its_request_arrives(requests: Requests, ended: Ended) -> None:
    early = request()
    speech_of(early).cancel()
    requests.left(early.speech)
    requests.drop()
    requests.add(early)
    requests.drop()
    assert (ended.number, early.closed) == (1, True)


def test_a_request_without_audio_ends_at_its_deadline(requests: Requests, ended: Ended) -> None:
    late, early = request(arrived=40.0), request(arrived=41.0)
    for each in (late, early):
        requests.add(each)
    requests.drop()
    with pytest.raises(TimedOut, match="no audio was made within 60 s"):
        speech_of(late).take()
    assert (ended.number, requests.counters.timed_out, early.closed) == (1, 1, False)
