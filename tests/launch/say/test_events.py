"""Reading events, independent of how the network splits them."""

import pytest

from launch.errors import SpeechFailed
from launch.say.events import Audio, Sentence, SentenceWarning, read_events
from tests.launch.say.speaker import DONE, audio, event, sentence

TEXT = "Hello. World."
BODY = audio(b"one") + sentence(TEXT, "World.", 1.0, 2.5) + audio(b"two") + DONE
EVENTS = [Audio(b"one"), Sentence(0, "World.", 7, 13, 1.0, 2.5), Audio(b"two")]


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_events_in_pieces(size: int) -> None:
    assert list(read_events(BODY[i : i + size] for i in range(0, len(BODY), size))) == EVENTS


def test_lines_may_end_in_crlf_and_lack_the_space() -> None:
    assert list(read_events([BODY.replace(b"\n", b"\r\n").replace(b"data: ", b"data:")])) == EVENTS


def test_a_newer_server_tells_what_was_spoken() -> None:
    span = {"text_start": 0, "text_end": 4, "start": 0.0, "end": 1.0}
    told = event("sentence", index=0, text="£3.", spoken="three pounds.", **span)
    assert list(read_events([told, DONE])) == [Sentence(0, "£3.", 0, 4, 0.0, 1.0, "three pounds.")]


def test_unknown_events_are_ignored() -> None:
    body = [b": a comment\n\nid: 1\nretry: 5\n", event("mood", mood="bright"), BODY]
    assert list(read_events(body)) == EVENTS


def test_a_last_line_without_its_end_does_not_count() -> None:
    with pytest.raises(SpeechFailed, match="ended the stream too early"):
        list(read_events([audio(b"one"), DONE.rstrip(b"\n")]))


def test_the_body_is_read_to_its_end() -> None:
    """Otherwise the server would take it for a disconnection."""
    body = iter([DONE, b"\n"])
    assert list(read_events(body)) == []
    assert next(body, None) is None


@pytest.mark.parametrize("warnings", [{}, {"warnings": []}, {"warnings": None}])
def test_a_clip_may_have_no_warnings(warnings: dict[str, object]) -> None:
    assert list(read_events([event("done", **warnings)])) == []


def test_warnings_come_last() -> None:
    warning = {"sentence": 1, "code": "silent", "message": "it has no sound"}
    assert list(read_events([audio(b"one"), event("done", warnings=[warning])])) == [
        Audio(b"one"),
        SentenceWarning(1, "silent", "it has no sound"),
    ]
