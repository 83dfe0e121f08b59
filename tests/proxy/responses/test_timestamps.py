"""The time of each sentence, with the sentence as it stands in the request."""

import base64
from typing import Any

import httpx
import pytest

from proxy.responses.transcript import Transcript
from proxy.synthesis.interface import AudioChunk, SentenceEnd, SentenceStart, Usage
from tests.proxy.listening import read_with_libsndfile
from tests.proxy.responses.events import events
from tests.proxy.stand_in import CHUNK_SAMPLES, RATE, StandIn, sine

TEXT = "It cost £3. 🎵 Dr. Who paid!"
FIRST = SentenceStart(0, 0, 0, 11, "it cost three pounds.")
SECOND = SentenceStart(1, 5 * CHUNK_SAMPLES + 100, 14, len(TEXT), "doctor who paid!")
BORDER = SECOND.sample / RATE


@pytest.fixture
def engine(engine: StandIn) -> StandIn:
    engine.sentences = {0: (FIRST,), 5: (SECOND,)}
    return engine


def ask(http: httpx.Client, **fields: object) -> httpx.Response:
    body = {"model": "tts-1", "input": TEXT, "response_format": "wav", "timestamps": True, **fields}
    return http.post("/v1/audio/speech", json=body)


def expected(seconds: float, speed: float = 1.0) -> list[dict[str, Any]]:
    border, end = pytest.approx(BORDER / speed), pytest.approx(seconds / speed)
    first = {"index": 0, "text": "It cost £3.", "spoken": "it cost three pounds.", "text_start": 0, "text_end": 11}
    second = {"index": 1, "text": "Dr. Who paid!", "spoken": "doctor who paid!", "text_start": 14, "text_end": 27}
    return [first | {"start": 0.0, "end": border}, second | {"start": border, "end": end}]


def test_json_answer_has_the_audio_and_the_times(http: httpx.Client, engine: StandIn) -> None:
    response = ask(http, stream=False)
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.content)
    answer = response.json()
    assert answer["sentences"] == expected(engine.seconds)
    assert answer["duration"] == pytest.approx(engine.seconds)
    assert answer["usage"] == {"input_tokens": 7, "output_tokens": 30, "total_tokens": 37}
    assert (answer["content_type"], answer["sample_rate"]) == ("audio/wav", RATE)
    assert read_with_libsndfile(base64.b64decode(answer["audio"])).seconds == pytest.approx(engine.seconds)


@pytest.mark.parametrize("name", ["wav", "flac", "mp3"])
def test_the_audio_in_json_is_that_of_the_plain_answer(http: httpx.Client, name: str) -> None:
    plain = ask(http, stream=False, timestamps=False, response_format=name).content
    assert base64.b64decode(ask(http, stream=False, response_format=name).json()["audio"]) == plain


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_events_tell_of_each_sentence_when_its_audio_was_sent(
    http: httpx.Client, engine: StandIn, speed: float
) -> None:
    read = list(events(ask(http, stream_format="sse", speed=speed).text.splitlines()))
    told = [event for event in read if event.pop("type") == "speech.audio.sentence"]
    assert told == expected(engine.seconds, speed)


def test_a_sentence_is_told_before_the_clip_is_made(http: httpx.Client, engine: StandIn) -> None:
    engine.delays = {8: 0.9}
    body = {"model": "tts-1", "input": TEXT, "response_format": "pcm", "timestamps": True, "stream_format": "sse"}
    with http.stream("POST", "/v1/audio/speech", json=body) as response:
        read = events(response.iter_lines())
        next(event for event in read if event["type"] == "speech.audio.sentence")
        assert engine.finished == 0
        assert list(read)


def test_without_the_field_there_are_no_timestamps(http: httpx.Client) -> None:
    read = events(ask(http, stream_format="sse", timestamps=False).text.splitlines())
    assert {event["type"] for event in read} == {"speech.audio.delta", "speech.audio.done"}


def test_plain_audio_cannot_carry_timestamps(http: httpx.Client) -> None:
    response = ask(http)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "timestamps"


def test_several_sentences_may_begin_in_one_chunk() -> None:
    transcript = Transcript("A. B. C.")
    starts = (SentenceStart(0, 0, 0, 2), SentenceStart(1, 100, 3, 5), SentenceStart(2, 200, 6, 8))
    complete = transcript.add(AudioChunk(sine(320), RATE, Usage(1, 1), starts))
    assert [sentence.text for sentence in complete] == ["A.", "B."]
    (last,) = transcript.finish()
    assert (last.text, last.start, last.end) == ("C.", 200 / RATE, 320 / RATE)
    assert transcript.finish() == []


@pytest.mark.parametrize("split", [80, 150, 220, 320])
def test_a_sentence_ends_where_its_pause_begins(split: int) -> None:
    marks: list[SentenceStart | SentenceEnd] = [
        SentenceStart(0, 20, 0, 2),
        SentenceEnd(0, 100),
        SentenceStart(1, 200, 3, 5),
        SentenceEnd(1, 300),
    ]
    transcript = Transcript("A. B.", speed=2.0)
    complete = []
    for begin, end in ((0, split), (split, 320)):
        now = [mark for mark in marks if begin <= mark.sample < end]
        starts = tuple(mark for mark in now if isinstance(mark, SentenceStart))
        ends = tuple(mark for mark in now if isinstance(mark, SentenceEnd))
        complete += transcript.add(AudioChunk(sine(end - begin), RATE, Usage(1, 1), starts, ends=ends))
    times = [(sentence.start, sentence.end) for sentence in complete]
    assert times == [(20 / RATE / 2, 100 / RATE / 2), (200 / RATE / 2, 300 / RATE / 2)]
    assert transcript.finish() == []
    assert transcript.seconds == 320 / RATE / 2
