"""`trim_silence`: a clip that begins with its first sound."""

import httpx
import pytest

from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.synthesis.interface import SentenceStart
from tests.proxy.responses.events import events
from tests.proxy.stand_in import CHUNK_SAMPLES, RATE, StandIn

TEXT = "Hello. Who is there?"
SILENCE = 8000  # samples, longer than the first chunk
REMOVED = (SILENCE - 320) / RATE
FIRST = SentenceStart(0, 0, 0, 6, "hello.")
SECOND = SentenceStart(1, 5 * CHUNK_SAMPLES + 100, 7, 20, "who is there?")


@pytest.fixture
def engine(engine: StandIn) -> StandIn:
    engine.silence = SILENCE
    engine.sentences = {0: (FIRST,), 5: (SECOND,)}
    return engine


def ask(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post("/v1/audio/speech", json={"model": "tts-1", "input": TEXT, "response_format": "pcm", **fields})


@pytest.mark.parametrize("stream", [True, False])
def test_the_silence_is_left_out_if_it_is_asked_for(http: httpx.Client, stream: bool) -> None:
    untrimmed, trimmed = (
        ask(http, stream=stream, trim_silence=trim, sample_rate=RATE).content for trim in (False, True)
    )
    assert trimmed == untrimmed[round(2 * REMOVED * RATE) :]


def test_by_default_it_stays(http: httpx.Client, engine: StandIn) -> None:
    assert len(ask(http, response_format="wav").content) == 44 + 2 * engine.samples


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_timestamps_are_those_of_the_trimmed_clip(http: httpx.Client, engine: StandIn, speed: float) -> None:
    answer = ask(http, trim_silence=True, timestamps=True, stream=False, speed=speed).json()
    border, end = (SECOND.sample / RATE - REMOVED) / speed, (engine.seconds - REMOVED) / speed
    times = [(sentence["start"], sentence["end"]) for sentence in answer["sentences"]]
    assert times == [(0.0, pytest.approx(border)), (pytest.approx(border), pytest.approx(end))]
    assert answer["duration"] == pytest.approx(end)


def test_events_have_all_sentences(http: httpx.Client) -> None:
    read = list(events(ask(http, trim_silence=True, timestamps=True, stream_format="sse").text.splitlines()))
    assert [event["text"] for event in read if event["type"] == "speech.audio.sentence"] == ["Hello.", "Who is there?"]


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_the_engine_stays_ahead_of_what_is_not_played(http: httpx.Client, engine: StandIn, name: FormatName) -> None:
    for trim in (False, True):
        ask(http, response_format=name, trim_silence=trim)
    plain, trimmed = (asked.encoder_delay or 0.0 for asked in engine.asked)
    assert trimmed - plain == pytest.approx(0.07)
