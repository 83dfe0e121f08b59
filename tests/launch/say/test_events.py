"""Reading what the server sends."""

import pytest

from launch.errors import ConnectionLost, SpeechFailed
from launch.say.events import Acknowledged, Audio, Configured, Done, Sentence, SentenceWarning, read_event
from tests.launch.say.speaker import done, error, event, sentence

WARNING = {"sentence": 1, "code": "silent", "message": "it has no sound"}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"one", Audio(b"one")),
        (event("input_text.ack", sequence=3), Acknowledged()),
        (event("request.configured", audio={"encoding": "mp3", "sample_rate": 32000}), Configured("mp3", 32000)),
        (sentence("Hello. World.", "World.", 1.0, 2.5), Sentence(0, "World.", 7, 13, 1.0, 2.5, "world.")),
        (done(5), Done(5)),
        (done(5, warnings=None), Done(5)),
        (done(5, warnings=[WARNING]), Done(5, (SentenceWarning(1, "silent", "it has no sound"),))),
        (event("response.mood", mood="bright"), None),
    ],
)
def test_an_event(message: str | bytes, expected: object) -> None:
    assert read_event(message) == expected


@pytest.mark.parametrize("kind", ["server_error", "rate_limit_error"])
def test_what_may_pass_is_tried_again(kind: str) -> None:
    with pytest.raises(ConnectionLost, match="the server failed: Enough"):
        read_event(error("Enough.", kind))


def test_an_expired_session_is_continued() -> None:
    message = {"message": "Too long.", "type": "invalid_request_error", "code": "session_expired"}
    with pytest.raises(ConnectionLost):
        read_event(event("error", error=message))


def test_a_wrong_request_is_not_tried_again() -> None:
    with pytest.raises(SpeechFailed) as caught:
        read_event(error("No.", "invalid_request_error"))
    assert not isinstance(caught.value, ConnectionLost)
